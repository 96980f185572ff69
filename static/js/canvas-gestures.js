/**
 * Mouse, touch and wheel on the picture: drag pans or moves the divider, two fingers and ctrl +
 * wheel zoom, a double click or tap switches between the whole picture and 100 %.
 */

import { wheelFactor } from "./canvas-geometry.js";

const DRAG_PIXELS = 4;
const DOUBLE_MS = 320;
const DOUBLE_PIXELS = 24;

/** Whether two taps {x, y, time} make one double tap. */
export function isDoubleTap(first, second) {
  if (!first || second.time - first.time > DOUBLE_MS) return false;
  return Math.hypot(second.x - first.x, second.y - first.y) <= DOUBLE_PIXELS;
}

/** Middle and distance of two fingers. */
export function pinchOf([a, b]) {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, distance: Math.hypot(a.x - b.x, a.y - b.y) };
}

/** Whether a turn of the wheel zooms; otherwise it scrolls the page. */
export function wheelZooms({ ctrlKey, metaKey }, { isZoomed, isFullScreen }) {
  return ctrlKey || metaKey || isZoomed || isFullScreen;
}

/**
 * `host` answers: state, lens, isDivided, isHeldByPress, isFullScreen, toStage(event), hold(on).
 */
export class CanvasGestures {
  #stage;
  #host;
  #points = new Map();
  #start = null;
  #isDragging = false;
  #pinch = null;
  #tap = null;

  constructor(stage, host) {
    this.#stage = stage;
    this.#host = host;
    stage.addEventListener("pointerdown", (event) => this.#down(event));
    stage.addEventListener("pointermove", (event) => this.#move(event));
    stage.addEventListener("pointerup", (event) => this.#up(event));
    stage.addEventListener("pointercancel", (event) => this.#end(event));
    stage.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    stage.addEventListener("contextmenu", (event) => host.isHeldByPress && event.preventDefault());
    stage.addEventListener("dragstart", (event) => event.preventDefault());
    this.#listenToSafari();
  }

  #down(event) {
    if (event.button !== 0 || event.target.closest("button, a, [role=slider]")) return;
    const point = this.#host.toStage(event);
    this.#points.set(event.pointerId, point);
    if (this.#points.size === 1) {
      this.#start = point;
      this.#isDragging = false;
      if (this.#host.isHeldByPress) this.#host.hold(true);
    } else if (this.#points.size === 2) {
      for (const id of this.#points.keys()) this.#stage.setPointerCapture(id);
      this.#pinch = pinchOf([...this.#points.values()]);
    }
  }

  #move(event) {
    const point = this.#host.toStage(event);
    const isTouch = event.pointerType !== "mouse";
    const last = this.#points.get(event.pointerId);
    if (this.#host.lens.isOpen && (!isTouch || last)) {
      this.#host.lens.moveTo(point, { isTouch });
    }
    if (!last) return;
    this.#points.set(event.pointerId, point);
    if (this.#pinch) this.#moveTwo();
    else this.#moveOne(event, last, point, isTouch);
  }

  #moveOne(event, last, point, isTouch) {
    if (!this.#isDragging) {
      if (Math.hypot(point.x - this.#start.x, point.y - this.#start.y) < DRAG_PIXELS) return;
      this.#isDragging = true;
      this.#stage.setPointerCapture(event.pointerId);
      this.#stage.dataset.drag = "";
    }
    const { state, lens } = this.#host;
    if (lens.isOpen && isTouch) return;
    if (state.isZoomed) state.pan(point.x - last.x, point.y - last.y);
    else if (this.#host.isDivided) state.divideAt(point.x);
  }

  #moveTwo() {
    const next = pinchOf([...this.#points.values()]);
    const { state } = this.#host;
    state.pan(next.x - this.#pinch.x, next.y - this.#pinch.y);
    state.zoomBy(next.distance / Math.max(1, this.#pinch.distance), state.inPane(next));
    this.#pinch = next;
  }

  #up(event) {
    const isTap = this.#points.size === 1 && this.#points.has(event.pointerId) && !this.#isDragging && !this.#pinch;
    this.#end(event);
    if (!isTap) return;
    const tap = { ...this.#host.toStage(event), time: event.timeStamp };
    if (isDoubleTap(this.#tap, tap)) {
      this.#tap = null;
      this.#host.state.toggle(this.#host.state.inPane(tap));
    } else this.#tap = tap;
  }

  /** A finger that stays after a pinch must not jump: it starts anew. */
  #end(event) {
    if (!this.#points.delete(event.pointerId)) return;
    if (this.#points.size === 1) [this.#start] = this.#points.values();
    if (this.#points.size) {
      this.#pinch = null;
      this.#isDragging = true;
      return;
    }
    this.#pinch = null;
    delete this.#stage.dataset.drag;
    if (this.#host.isHeldByPress) this.#host.hold(false);
  }

  #wheel(event) {
    const { state, isFullScreen } = this.#host;
    if (!wheelZooms(event, { isZoomed: state.isZoomed, isFullScreen })) return;
    event.preventDefault();
    state.zoomBy(wheelFactor(event), state.inPane(this.#host.toStage(event)));
  }

  /** Safari tells a pinch on a trackpad by events of its own. */
  #listenToSafari() {
    let last = 1;
    this.#stage.addEventListener("gesturestart", (event) => {
      event.preventDefault();
      last = 1;
    });
    this.#stage.addEventListener("gesturechange", (event) => {
      event.preventDefault();
      if (this.#points.size) return; // fingers on the screen: told by pointer events already
      const { state } = this.#host;
      state.zoomBy(event.scale / last, state.inPane(this.#host.toStage(event)));
      last = event.scale;
    });
  }
}
