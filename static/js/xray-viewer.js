/**
 * <xray-viewer data-width data-height data-correction data-full data-heat data-no-keys>
 *   .film-stage (focusable) with .film-layers > img.film-picture; buttons by [data-do]; ranges by
 *   [data-set]; outputs by [data-out]; its words in a JSON script
 * </xray-viewer>
 *
 * Window and level, inversion, zoom and pan, heat map and contour over a chest film. Without this
 * script the plain picture is shown. Everything is on the keyboard: sliders by themselves, the
 * rest by the keys that `?` lists; arrows move a film that is zoomed while it has the focus.
 */

import { CanvasGestures } from "./canvas-gestures.js";
import { CanvasView } from "./canvas-view.js";
import { registerShortcut } from "./shortcuts.js";
import { fill } from "./canvas-words.js";
import { PLAIN, applyLookup, lookup, placed, stepped } from "./xray-tone.js";
import { coloured, contour } from "./xray-heat.js";

const OPACITY = 45;
const PAN_PIXELS = 60;
const HEAT_SIDE = 1024;
const ARROWS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** Whether the preview is stretched enough that the full film is worth its bytes. */
export function wantsFull({ scale, density, width, loaded }) {
  return loaded < width && scale * width * density > loaded * 1.15;
}

async function picture(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  return image;
}

/** RGBA data of `image`, at most `side` pixels a side. */
function pixelsOf(image, side = Infinity) {
  const share = Math.min(1, side / Math.max(image.naturalWidth, image.naturalHeight));
  const [width, height] = [image.naturalWidth, image.naturalHeight].map((one) => Math.max(1, Math.round(one * share)));
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

if (globalThis.customElements && !customElements.get("xray-viewer")) {
  customElements.define(
    "xray-viewer",
    class extends HTMLElement {
      state = null;
      lens = { isOpen: false };
      isDivided = false;
      isHeldByPress = false;
      #words = {};
      #stage = null;
      #layers = {};
      #source = null;
      #tone = PLAIN;
      #opacity = OPACITY;
      #isFullAsked = false;
      #forget = [];

      async connectedCallback() {
        if (this.#stage) return;
        this.#words = JSON.parse(this.querySelector("script").textContent);
        this.#stage = this.querySelector(".film-stage");
        const [width, height] = [Number(this.dataset.width), Number(this.dataset.height)];
        this.state = new CanvasView({ width, height }, () => this.#place());
        this.#listen();
        try {
          this.#take(await picture(this.querySelector(".film-picture").src));
        } catch {
          this.#note(this.#words.failed);
          return;
        }
        new ResizeObserver(() => this.#resize()).observe(this.#stage);
        this.#resize();
        this.setAttribute("data-ready", "");
        if (this.dataset.heat) await this.#loadHeat();
      }

      disconnectedCallback() {
        for (const forget of this.#forget) forget();
        this.#forget = [];
      }

      get isFullScreen() {
        return document.fullscreenElement === this;
      }

      toStage({ clientX, clientY }) {
        const box = this.#stage.getBoundingClientRect();
        return { x: clientX - box.left, y: clientY - box.top };
      }

      hold() {}

      /** Take a picture of the film, turned as it was analysed; an exchanged one is exchanged. */
      #take(image) {
        const { width, height, matrix } = placed(
          { width: image.naturalWidth, height: image.naturalHeight },
          this.dataset.correction,
        );
        const turned = new OffscreenCanvas(width, height);
        const context = turned.getContext("2d", { willReadFrequently: true });
        context.setTransform(...matrix);
        context.drawImage(image, 0, 0);
        this.#source = context.getImageData(0, 0, width, height);
        const canvas = this.#layer("film");
        [canvas.width, canvas.height] = [width, height];
        this.#draw();
      }

      #layer(name) {
        if (!this.#layers[name]) {
          const canvas = document.createElement("canvas");
          canvas.setAttribute("aria-hidden", "true");
          canvas.dataset.layer = name;
          this.querySelector(".film-layers").append(canvas);
          this.#layers[name] = canvas;
        }
        return this.#layers[name];
      }

      #draw() {
        if (!this.#source) return;
        const isStoredInverted = this.dataset.correction === "invert";
        const table = lookup({ ...this.#tone, isInverted: false });
        const shown = new ImageData(this.#source.width, this.#source.height);
        const flipped = (value) => (this.#tone.isInverted ? 255 - value : value);
        const whole = Uint8ClampedArray.from(table, (_, value) =>
          flipped(table[isStoredInverted ? 255 - value : value]),
        );
        applyLookup(this.#source.data, shown.data, whole);
        this.#layers.film.getContext("2d").putImageData(shown, 0, 0);
      }

      async #loadHeat() {
        let map;
        try {
          map = pixelsOf(await picture(this.dataset.heat), HEAT_SIDE);
        } catch {
          this.#note(this.#words.heat_failed);
          return;
        }
        const draw = (name, data) => {
          const canvas = this.#layer(name);
          [canvas.width, canvas.height] = [map.width, map.height];
          canvas.getContext("2d").putImageData(new ImageData(data, map.width, map.height), 0, 0);
        };
        draw("heat", coloured(map.data));
        draw("contour", contour(map.data, map.width, map.height));
        this.#layers.contour.hidden = !this.#isPressed("contour");
        this.#showHeat();
        this.#place();
      }

      #showHeat() {
        if (!this.#layers.heat) return;
        this.#layers.heat.hidden = !this.#isPressed("heat");
        this.#layers.heat.style.opacity = this.#opacity / 100;
      }

      #resize() {
        const { width, height } = this.#stage.getBoundingClientRect();
        if (width && height) this.state.resize({ width, height }, false);
      }

      #place() {
        const { view, picture: film } = this.state;
        for (const canvas of Object.values(this.#layers)) {
          canvas.style.width = `${film.width * view.scale}px`;
          canvas.style.height = `${film.height * view.scale}px`;
          canvas.style.transform = `translate(${view.x}px, ${view.y}px)`;
        }
        this.toggleAttribute("data-zoomed", this.state.isZoomed);
        this.#out("zoom", fill(this.#words.zoom, { percent: Math.round(view.scale * 100) }));
        this.#askFull();
      }

      async #askFull() {
        const { scale } = this.state.view;
        const asks = wantsFull({
          scale, density: devicePixelRatio, width: this.state.picture.width, loaded: this.#source?.width ?? Infinity,
        });
        if (!asks || this.state.isFit || this.#isFullAsked || !this.dataset.full) return;
        this.#isFullAsked = true;
        this.#note(this.#words.loading);
        try {
          this.#take(await picture(this.dataset.full));
          this.#note("");
          this.#place();
        } catch {
          this.#note(this.#words.failed);
        }
      }

      #listen() {
        new CanvasGestures(this.#stage, this);
        this.addEventListener("click", ({ target }) => {
          const button = target.closest("[data-do]");
          if (button) this.#do(button.dataset.do);
        });
        this.addEventListener("input", ({ target }) => this.#set(target.dataset.set, Number(target.value)));
        this.#stage.addEventListener("keydown", (event) => this.#onArrow(event));
        this.addEventListener("fullscreenchange", () => this.#press("full-screen", this.isFullScreen));
        if (!this.hasAttribute("data-no-keys")) this.#registerKeys();
      }

      #registerKeys() {
        const keys = [
          ["i", "key_invert", "invert"], ["h", "key_heat", "heat"], ["c", "key_contour", "contour"],
          ["+", "key_zoom_in", "zoom-in"], ["=", "key_zoom_in", "zoom-in"], ["-", "key_zoom_out", "zoom-out"],
          ["0", "key_reset", "reset"], ["f", "key_full_screen", "full-screen"],
          ["[", "key_narrower", "narrower"], ["]", "key_wider", "wider"],
          [",", "key_darker", "darker"], [".", "key_brighter", "brighter"],
        ];
        for (const [key, label, act] of keys) {
          if ((act === "heat" || act === "contour") && !this.dataset.heat) continue;
          this.#forget.push(registerShortcut({ key, label: this.#words[label], run: () => this.#do(act) }));
        }
      }

      #onArrow(event) {
        const way = ARROWS[event.key];
        if (!way || event.ctrlKey || event.metaKey || event.altKey || !this.state.isZoomed) return;
        event.preventDefault();
        this.state.pan(way[0] * PAN_PIXELS, way[1] * PAN_PIXELS, { isStep: true });
      }

      #do(act) {
        const acts = {
          "zoom-in": () => this.state.step(1),
          "zoom-out": () => this.state.step(-1),
          "full-screen": () => (this.isFullScreen ? document.exitFullscreen() : this.requestFullscreen()),
          invert: () => this.#setTone({ ...this.#tone, isInverted: !this.#tone.isInverted }),
          narrower: () => this.#setTone(stepped(this.#tone, { window: -1 })),
          wider: () => this.#setTone(stepped(this.#tone, { window: 1 })),
          darker: () => this.#setTone(stepped(this.#tone, { level: 1 })),
          brighter: () => this.#setTone(stepped(this.#tone, { level: -1 })),
          heat: () => this.#toggle("heat"),
          contour: () => this.#toggle("contour"),
          marks: () => this.toggleAttribute("data-no-marks", !this.#toggle("marks")),
          reset: () => this.#reset(),
        };
        acts[act]?.();
      }

      #set(name, value) {
        if (name === "opacity") {
          this.#opacity = value;
          this.#out("opacity", value);
          this.#showHeat();
        } else if (name) this.#setTone({ ...this.#tone, [name]: value });
      }

      #setTone(tone) {
        this.#tone = tone;
        for (const name of ["window", "level"]) {
          this.querySelector(`[data-set="${name}"]`).value = tone[name];
          this.#out(name, tone[name]);
        }
        this.#press("invert", tone.isInverted);
        requestAnimationFrame(() => this.#draw());
      }

      #reset() {
        this.#opacity = OPACITY;
        const slider = this.querySelector('[data-set="opacity"]');
        if (slider) slider.value = OPACITY;
        this.#out("opacity", OPACITY);
        for (const [name, isOn] of [["heat", true], ["contour", false], ["marks", true]]) this.#press(name, isOn);
        this.removeAttribute("data-no-marks");
        if (this.#layers.contour) this.#layers.contour.hidden = true;
        this.#showHeat();
        this.#setTone(PLAIN);
        this.state.fit();
        this.#note("");
      }

      /** Flip a pressed button and its layer; returns whether it is on now. */
      #toggle(name) {
        const isOn = !this.#isPressed(name);
        this.#press(name, isOn);
        if (this.#layers[name]) this.#layers[name].hidden = !isOn;
        return isOn;
      }

      #isPressed(name) {
        return this.querySelector(`[data-do="${name}"]`)?.getAttribute("aria-pressed") === "true";
      }

      #press(name, isOn) {
        this.querySelector(`[data-do="${name}"]`)?.setAttribute("aria-pressed", isOn);
      }

      #out(name, text) {
        const output = this.querySelector(`[data-out="${name}"]`);
        if (output) output.textContent = text;
      }

      #note(text) {
        this.querySelector(".film-note").textContent = text;
      }
    },
  );
}
