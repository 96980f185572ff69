/**
 * <image-canvas class="canvas" mode="slider|side|hold" data-pictures="both|before|after|none"
 *               data-full="/media/..." data-width="1024" data-height="768" data-rerun="form-id">
 *   written by templates/web/_canvas.html: figures, buttons, words
 * </image-canvas>
 *
 * The result viewer: takes the figures of the server over, without fetching them again. Look at
 * it by slider, side by side or hold; zoom, pan, lens, full screen; the full size is fetched when
 * somebody looks that closely.
 *
 * A page may: listen to `canvas-ready` (bubbles); set `canvas.mode = "side"`; and put in a result
 * that has just been made, without a reload:
 *   await canvas.setAfter({ url, fullUrl, width, height, downloadUrl })
 * which rejects with an EncodingError when the picture cannot be fetched. `canvas.stage` is the
 * box of the picture, for what a page lays over it; `canvas-drawn` says that `canvas.state.view`
 * has moved.
 */

import { needsFull } from "./canvas-geometry.js";
import { CanvasGestures } from "./canvas-gestures.js";
import { CanvasHandle } from "./canvas-handle.js";
import { listenOnPage, listenOnStage, pageKeys } from "./canvas-keys.js";
import { CanvasLens } from "./canvas-lens.js";
import { CanvasNote } from "./canvas-note.js";
import { CanvasPictures } from "./canvas-pictures.js";
import { CanvasToolbar } from "./canvas-toolbar.js";
import { CanvasView, sizerBox } from "./canvas-view.js";
import { wordsOf } from "./canvas-words.js";
import { registerShortcut } from "./shortcuts.js";

const MODES = ["slider", "side", "hold"];
const PIXELS_SEEN_FROM = 6;
const REMEMBERED = "omnilens.canvas-mode";

class ImageCanvas extends HTMLElement {
  static observedAttributes = ["mode"];
  #pictures;
  #handle;
  #toolbar;
  #note;
  #word;
  #sizer;
  #status;
  #leave = null;
  #frame = 0;

  connectedCallback() {
    if (!this.state) this.#takeOver();
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    const observer = new ResizeObserver(() => this.#measure());
    observer.observe(this.stage);
    signal.addEventListener("abort", () => observer.disconnect());
    document.addEventListener("fullscreenchange", () => this.#draw(), { signal });
    if (!this.hasAttribute("data-no-keys")) {
      listenOnPage(this, signal);
      const removers = pageKeys(this, this.#word).map((shortcut) => registerShortcut(shortcut));
      signal.addEventListener("abort", () => removers.forEach((remove) => remove?.()));
    }
    this.#measure();
    this.dispatchEvent(new CustomEvent("canvas-ready", { bubbles: true }));
  }

  disconnectedCallback() {
    this.#leave.abort();
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  attributeChangedCallback() {
    if (this.isConnected && this.state) this.#measure();
  }

  #takeOver() {
    this.stage = this.querySelector(".canvas-stage");
    this.#sizer = this.querySelector(".canvas-sizer");
    this.#status = this.querySelector(".canvas-status");
    this.#word = wordsOf(this);
    this.#note = new CanvasNote(this.querySelector(".canvas-note"), this.#word("again"));
    this.#pictures = new CanvasPictures(this, { stage: this.stage, note: this.#note, word: this.#word });
    const picture = { width: Number(this.dataset.width), height: Number(this.dataset.height) };
    this.state = new CanvasView(picture, () => this.#draw());
    this.lens = new CanvasLens(this.querySelector(".canvas-lens"), {
      state: this.state, pictures: this.#pictures,
    });
    const toStage = (event) => this.toStage(event);
    const knob = this.querySelector(".canvas-handle");
    this.#handle = new CanvasHandle(knob, { state: this.state, word: this.#word, toStage });
    this.#toolbar = new CanvasToolbar(this, this.#word);
    new CanvasGestures(this.stage, this);
    listenOnStage(this.stage, this);
    this.addEventListener("canvas-full", () => this.#draw());
    const remembered = recall();
    if (remembered && this.#pictures.present === "both") this.setAttribute("mode", remembered);
    this.setAttribute("data-ready", "");
  }

  get mode() {
    return MODES.includes(this.getAttribute("mode")) ? this.getAttribute("mode") : "slider";
  }

  set mode(name) {
    this.setAttribute("mode", name);
    remember(this.mode);
  }

  get isPair() {
    return this.#pictures.present === "both";
  }

  get isDivided() {
    return this.isPair && this.mode === "slider";
  }

  get isHeldByPress() {
    return this.isPair && this.mode === "hold";
  }

  get isFullScreen() {
    return document.fullscreenElement === this;
  }

  /** Where an event happened, in CSS pixels of the stage. */
  toStage({ clientX, clientY }) {
    const box = this.stage.getBoundingClientRect();
    return { x: clientX - box.left, y: clientY - box.top };
  }

  /** Put in a result that has just been made; the picture is shown whole. */
  async setAfter({ url, fullUrl, width, height, downloadUrl }) {
    if (!(await this.#pictures.setAfter({ url, fullUrl, width, height }))) return;
    this.dataset.pictures = this.#pictures.present;
    if (downloadUrl) {
      const link = this.querySelector("[data-go=download]");
      link.href = downloadUrl;
      link.hidden = false;
    }
    this.state.replace({ width, height });
    this.#measure();
  }

  /** Show the picture before (true) or what the mode shows (false). */
  hold(isOn) {
    this.toggleAttribute("data-holding", isOn && this.isPair);
  }

  /** In (1), out (-1) or whole (0); the picture takes a focus that nothing else has. */
  zoom(direction) {
    if (direction) this.state.step(direction);
    else this.state.fit();
    if (document.activeElement === document.body) this.stage.focus({ preventScroll: true });
    this.#status.textContent = this.querySelector("[data-do=zoom-toggle]").textContent;
  }

  toggleLens() {
    if (this.lens.isOpen) this.lens.close();
    else {
      this.lens.open();
      this.stage.focus({ preventScroll: true });
      this.#status.textContent = this.#word("lens_opened");
      this.#pictures.showFull();
    }
    this.#toolbar.draw();
  }

  async toggleFullScreen() {
    if (this.isFullScreen) await document.exitFullscreen();
    else await this.requestFullscreen();
  }

  /** Follow a link of the canvas: previous, next or download; false when there is none. */
  go(name) {
    const link = this.querySelector(`[data-go=${name}]:not([hidden])`);
    link?.click();
    return Boolean(link);
  }

  rerun() {
    document.getElementById(this.dataset.rerun)?.requestSubmit();
  }

  /** Whether a key has anything to do on this canvas. */
  canUse(key) {
    const link = { ArrowLeft: "previous", ArrowRight: "next", d: "download" }[key];
    if (link) return Boolean(this.querySelector(`[data-go=${link}]`));
    if (key === "f") return document.fullscreenEnabled;
    if (key === "r") return Boolean(this.dataset.rerun);
    return true;
  }

  #measure() {
    const isSplit = this.isPair && this.mode === "side";
    const box = sizerBox(this.state.picture, isSplit, this.#room());
    this.#sizer.setAttribute("viewBox", `0 0 ${box.width} ${box.height}`);
    const { clientWidth: width, clientHeight: height } = this.stage;
    if (!width || !height) return;
    this.state.resize({ width, height }, isSplit);
    this.dataset.split = this.state.split ?? "none";
  }

  /** What the stage may take: its width, and the height that its sizer is limited to. */
  #room() {
    const height = parseFloat(getComputedStyle(this.#sizer).maxHeight);
    return { width: this.stage.clientWidth || 1, height: height || this.stage.clientHeight || 1 };
  }

  #draw() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#drawNow();
    });
  }

  #drawNow() {
    const { state } = this;
    this.stage.toggleAttribute("data-glide", state.isStep);
    this.#pictures.draw(state.view, state.picture);
    this.#handle.draw(this.stage);
    this.#toolbar.draw();
    this.toggleAttribute("data-zoomed", state.isZoomed);
    this.toggleAttribute("data-pixels", state.view.scale >= PIXELS_SEEN_FROM);
    this.lens.draw();
    this.dispatchEvent(new CustomEvent("canvas-drawn"));
    const looks = {
      isFit: state.isFit,
      picture: state.picture,
      previewWidth: this.#pictures.after?.naturalWidth || Infinity,
      density: devicePixelRatio,
    };
    if (needsFull(state.view, looks)) this.#pictures.showFull();
  }
}

/** A browser that refuses storage refuses by throwing: the mode is then not remembered. */
function recall() {
  try {
    return localStorage.getItem(REMEMBERED);
  } catch (error) {
    if (error.name === "SecurityError") return null;
    throw error;
  }
}

function remember(mode) {
  try {
    localStorage.setItem(REMEMBERED, mode);
  } catch (error) {
    if (!["SecurityError", "QuotaExceededError"].includes(error.name)) throw error;
  }
}

if (!customElements.get("image-canvas")) customElements.define("image-canvas", ImageCanvas);
