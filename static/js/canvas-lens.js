/**
 * Two round magnifiers at the pointer: the picture after at 100 % under it, the same place of the
 * picture before next to it. Drawn from the images on the page: nothing is fetched for it.
 */

const LARGEST = 200;
const EDGE = 8;

/** 100 %, and twice the scale where the picture is already shown that large. */
export function lensScale(scale) {
  return scale < 0.999 ? 1 : scale * 2;
}

/** The diameter of one glass: two fit beside each other and leave the picture in sight. */
export function lensSize(stage) {
  return Math.floor(Math.min(LARGEST, stage.width / 2 - EDGE, stage.height * 0.55));
}

/** Top left corners of the two glasses around `point`; lifted above a finger. */
export function lensPlaces(point, stage, size, { isTouch = false, isPair = true } = {}) {
  const inside = (value, room) => Math.min(Math.max(value, 0), Math.max(0, room));
  const lifted = isTouch ? point.y - size * 0.75 : point.y;
  const y = inside(lifted - size / 2, stage.height - size);
  const x = point.x - size / 2;
  if (!isPair) return { after: { x: inside(x, stage.width - size), y } };
  const isLeft = x - size >= 0;
  const first = inside(isLeft ? x - size : x, stage.width - size * 2);
  const [left, right] = [{ x: first, y }, { x: first + size, y }];
  return isLeft ? { before: left, after: right } : { before: right, after: left };
}

/** The part of an image, in its own pixels, that a glass shows around a point of the picture. */
export function lensSource(center, size, scale, box, natural) {
  const side = size / scale;
  const rx = natural.width / box.width;
  const ry = natural.height / box.height;
  return {
    x: (center.x - side / 2 - box.x) * rx,
    y: (center.y - side / 2 - box.y) * ry,
    width: side * rx,
    height: side * ry,
  };
}

export class CanvasLens {
  #element;
  #state;
  #pictures;
  #point = null;
  #isTouch = false;

  constructor(element, { state, pictures }) {
    this.#element = element;
    this.#state = state;
    this.#pictures = pictures;
  }

  get isOpen() {
    return !this.#element.hidden;
  }

  open() {
    const { width, height } = this.#state.pane;
    this.#point ??= { x: width / 2, y: height / 2 };
    this.#element.hidden = false;
    this.draw();
  }

  close() {
    this.#element.hidden = true;
  }

  /** Put the lens at a point of the stage. */
  moveTo(point, { isTouch = false } = {}) {
    this.#point = point;
    this.#isTouch = isTouch;
    this.draw();
  }

  moveBy(dx, dy) {
    const { width, height } = this.#state.stage;
    const within = (value, most) => Math.min(Math.max(value, 0), most);
    this.moveTo({ x: within(this.#point.x + dx, width), y: within(this.#point.y + dy, height) });
  }

  draw() {
    if (!this.isOpen) return;
    const { view, picture, stage } = this.#state;
    const size = lensSize(stage);
    const scale = lensScale(view.scale);
    const at = this.#state.inPane(this.#point);
    const center = { x: (at.x - view.x) / view.scale, y: (at.y - view.y) / view.scale };
    const isPair = this.#pictures.present === "both";
    const places = lensPlaces(this.#point, stage, size, { isTouch: this.#isTouch, isPair });
    const placed = this.#pictures.placed(picture);
    for (const glass of this.#element.querySelectorAll("[data-glass]")) {
      const place = places[glass.dataset.glass];
      const shown = placed[isPair && glass.dataset.glass === "after" ? 1 : 0];
      glass.hidden = !place || !shown;
      if (glass.hidden) continue;
      glass.style.setProperty("transform", `translate(${Math.round(place.x)}px, ${Math.round(place.y)}px)`);
      glass.style.setProperty("width", `${size}px`);
      glass.style.setProperty("height", `${size}px`);
      glass.lastElementChild.hidden = !isPair;
      paint(glass.firstElementChild, shown, center, size, scale);
    }
  }
}

function paint(glass, { image, box }, center, size, scale) {
  const side = Math.round(size * devicePixelRatio);
  if (glass.width !== side) glass.width = glass.height = side;
  const brush = glass.getContext("2d");
  brush.clearRect(0, 0, side, side);
  if (!image.complete || !image.naturalWidth) return;
  const natural = { width: image.naturalWidth, height: image.naturalHeight };
  const source = lensSource(center, size, scale, box, natural);
  brush.imageSmoothingQuality = "high";
  brush.drawImage(image, source.x, source.y, source.width, source.height, 0, 0, side, side);
}
