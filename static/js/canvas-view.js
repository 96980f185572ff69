/**
 * What a canvas shows at this moment: picture, panes, scale, place and divider. No DOM: the
 * element tells it sizes and gestures, and `onChange` tells the element to draw.
 */

import {
  fitView, fractionAt, isZoomed, nextScale, panBy, paneOf, resizeView, scaleLimits, splitFor,
  visibleRange, zoomAbout,
} from "./canvas-geometry.js";

/** CSS pixels between two panes, as in canvas.css. */
export const GAP = 2;
const NEARLY = 0.001;

/** The shape that the stage asks room for: one picture, or two beside or above each other. */
export function sizerBox(picture, isSplit, room) {
  const { width, height } = picture;
  if (!isSplit) return { width, height };
  return splitFor(picture, room, GAP) === "columns"
    ? { width: width * 2, height }
    : { width, height: height * 2 };
}

export class CanvasView {
  picture;
  stage = { width: 0, height: 0 };
  split = null;
  view = { scale: 1, x: 0, y: 0 };
  isFit = true;
  fraction = 0.5;
  /** Whether the last change was one step, to be shown as a movement, and not a drag. */
  isStep = false;
  #onChange;

  constructor(picture, onChange = () => {}) {
    this.picture = picture;
    this.#onChange = onChange;
  }

  /** The pane that one picture has: the stage, or its half. */
  get pane() {
    return paneOf(this.split, this.stage, GAP);
  }

  get limits() {
    return scaleLimits(this.picture, this.pane);
  }

  get isZoomed() {
    return isZoomed(this.view, this.picture, this.pane);
  }

  /** The way of the divider in CSS pixels. */
  get range() {
    return visibleRange(this.view, this.picture, this.pane);
  }

  /** Take the size of the stage; `isSplit` asks for two panes. */
  resize(stage, isSplit) {
    const before = this.stage.width ? this.pane : null;
    this.stage = stage;
    this.split = isSplit ? splitFor(this.picture, stage, GAP) : null;
    this.view = before
      ? resizeView(this.view, this.isFit, this.picture, before, this.pane)
      : fitView(this.picture, this.pane);
    this.isStep = false;
    this.#onChange();
  }

  /** Show another picture, whole. */
  replace(picture) {
    this.picture = picture;
    this.#set(fitView(picture, this.pane), false);
  }

  fit() {
    this.#set(fitView(this.picture, this.pane), true);
  }

  /** Scale to `scale` about `point` of the pane, its middle if there is none. */
  zoomTo(scale, point) {
    this.#zoom(scale, point, true);
  }

  /** Scale by what a wheel or two fingers say. */
  zoomBy(factor, point) {
    this.#zoom(this.view.scale * factor, point, false);
  }

  /** One step in (1) or out (-1). */
  step(direction, point) {
    this.zoomTo(nextScale(this.view.scale, direction, this.limits), point);
  }

  /** 100 % from the whole picture, else the whole picture. */
  toggle(point) {
    const isWhole = Math.abs(this.view.scale / this.limits.fit - 1) < NEARLY;
    if (isWhole) this.zoomTo(1, point);
    else this.fit();
  }

  /** Move by a drag, or by a key (`isStep`). */
  pan(dx, dy, { isStep = false } = {}) {
    this.#set(panBy(this.view, dx, dy, this.picture, this.pane), isStep);
  }

  /** Put the divider at a fraction of the picture's visible width. */
  divide(fraction) {
    this.fraction = fraction;
    this.isStep = false;
    this.#onChange();
  }

  divideAt(x) {
    this.divide(fractionAt(x, this.range));
  }

  /** A point of the stage as a point of the pane that it lies in. */
  inPane({ x, y }) {
    const { width, height } = this.pane;
    if (this.split === "columns" && x > width) return { x: x - width - GAP, y };
    if (this.split === "rows" && y > height) return { x, y: y - height - GAP };
    return { x, y };
  }

  #zoom(scale, point, isStep) {
    const { width, height } = this.pane;
    const about = point ?? { x: width / 2, y: height / 2 };
    this.#set(zoomAbout(this.view, about, scale, this.picture, this.pane), isStep);
  }

  #set(view, isStep) {
    this.view = view;
    this.isStep = isStep;
    this.isFit = Math.abs(view.scale / this.limits.fit - 1) < NEARLY;
    this.#onChange();
  }
}
