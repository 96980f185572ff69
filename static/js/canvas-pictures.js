/**
 * The two figures of a canvas, as the server wrote them: placed, and the one after exchanged for
 * the full size or for a result that has just been made.
 */

import { placeOver } from "./canvas-geometry.js";

export class CanvasPictures {
  #host;
  #stage;
  #word;
  #note;
  #fullUrl;
  #full = "none"; // none | loading | shown | failed
  #turn = 0;

  constructor(host, { stage, note, word }) {
    this.#host = host;
    this.#stage = stage;
    this.#note = note;
    this.#word = word;
    this.#fullUrl = host.dataset.full ?? "";
    for (const image of stage.querySelectorAll(".canvas-layer img")) this.#watch(image);
  }

  get before() {
    return this.#stage.querySelector(".canvas-before img");
  }

  get after() {
    return this.#stage.querySelector(".canvas-after img");
  }

  /** Both, before, after or none: as `data-pictures` says it. */
  get present() {
    if (this.before && this.after) return "both";
    return this.before ? "before" : this.after ? "after" : "none";
  }

  /** Where each image lies in pixels of the picture: [{image, box}]. */
  placed(picture) {
    const images = [this.before, this.after].filter(Boolean);
    return images.map((image) => {
      const source = { width: Number(image.getAttribute("width")), height: Number(image.getAttribute("height")) };
      return { image, box: image === this.before ? placeOver(source, picture) : wholeOf(picture) };
    });
  }

  /** Draw at this view; whole pixels, so that 100 % is sharp. */
  draw(view, picture) {
    for (const { image, box } of this.placed(picture)) {
      const x = Math.round(view.x + box.x * view.scale);
      const y = Math.round(view.y + box.y * view.scale);
      image.style.setProperty("width", `${box.width * view.scale}px`);
      image.style.setProperty("height", `${box.height * view.scale}px`);
      image.style.setProperty("transform", `translate(${x}px, ${y}px)`);
    }
  }

  /** Fetch the full size once and put it in the preview's place. */
  async showFull() {
    if (this.#full !== "none" || !this.#fullUrl || !this.after) return;
    this.#full = "loading";
    const turn = ++this.#turn;
    this.#note.say(this.#word("loading"), { isBusy: true });
    try {
      const image = await loaded(this.#fullUrl);
      if (turn !== this.#turn) return;
      this.#full = "shown";
      this.#exchange(image);
      this.#note.clear();
      this.#host.dispatchEvent(new CustomEvent("canvas-full"));
    } catch (error) {
      if (turn !== this.#turn) return;
      if (!isUnloadable(error)) throw error;
      this.#full = "failed";
      this.#note.fail(this.#word("full_failed"), () => {
        this.#full = "none";
        this.showFull();
      });
    }
  }

  /** Show a result that has just been made; resolves when its preview can be seen. */
  async setAfter({ url, fullUrl = "", width, height }) {
    const turn = ++this.#turn;
    this.#full = "none";
    this.#fullUrl = fullUrl;
    const image = await loaded(url);
    if (turn !== this.#turn) return false;
    image.setAttribute("width", width);
    image.setAttribute("height", height);
    image.alt = this.#word("alt_after");
    if (this.after) this.after.replaceWith(image);
    else this.#stage.querySelector(".canvas-layers").append(this.#figure(image));
    this.#stage.querySelector(".canvas-after figcaption").textContent = this.#word("after_size", { width, height });
    this.#note.clear();
    return true;
  }

  #figure(image) {
    const figure = document.createElement("figure");
    figure.className = "canvas-layer canvas-after";
    figure.append(image, document.createElement("figcaption"));
    return figure;
  }

  #exchange(image) {
    const preview = this.after;
    for (const name of ["alt", "width", "height"]) image.setAttribute(name, preview.getAttribute(name));
    image.style.cssText = preview.style.cssText;
    preview.replaceWith(image);
  }

  #watch(image) {
    const failed = () => this.#note.fail(this.#word("picture_failed"));
    if (image.complete && !image.naturalWidth) failed();
    else image.addEventListener("error", failed, { once: true });
  }
}

const wholeOf = ({ width, height }) => ({ x: 0, y: 0, width, height });

/** An image that can be drawn at once; rejects when it cannot be fetched or decoded. */
async function loaded(url) {
  const image = new Image();
  image.draggable = false;
  image.src = url;
  await image.decode();
  return image;
}

const isUnloadable = (error) => error instanceof DOMException && error.name === "EncodingError";
