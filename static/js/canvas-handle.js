/** The divider of a canvas: drag it, or focus it and use the arrow keys, Home and End. */

import { dividerAt, fractionAfterKey, thinSide } from "./canvas-geometry.js";

export class CanvasHandle {
  #element;
  #state;
  #word;

  constructor(element, { state, word, toStage }) {
    this.#element = element;
    this.#state = state;
    this.#word = word;
    element.addEventListener("keydown", (event) => this.#key(event));
    element.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      event.stopPropagation();
      element.focus({ preventScroll: true });
      element.setPointerCapture(event.pointerId);
    });
    element.addEventListener("pointermove", (event) => {
      if (element.hasPointerCapture(event.pointerId)) state.divideAt(toStage(event).x);
    });
  }

  /** Move line and knob, and tell a screen reader how much of each picture is seen. */
  draw(stage) {
    const { fraction, range, view, picture } = this.#state;
    this.#element.dataset.thin = thinSide(view, picture);
    stage.style.setProperty("--divider", `${Math.round(dividerAt(fraction, range))}px`);
    const before = Math.round(fraction * 100);
    this.#element.setAttribute("aria-valuenow", before);
    this.#element.setAttribute("aria-valuetext", this.#word("divider", { before, after: 100 - before }));
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const fraction = fractionAfterKey(this.#state.fraction, event.key, event.shiftKey);
    if (fraction === null) return;
    event.preventDefault();
    event.stopPropagation();
    this.#state.divide(fraction);
  }
}
