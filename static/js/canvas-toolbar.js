/** The buttons of a canvas: the server writes them, this wires them and keeps their state. */

import { percentOf } from "./canvas-geometry.js";

export class CanvasToolbar {
  #host;
  #word;
  #buttons;

  constructor(host, word) {
    this.#host = host;
    this.#word = word;
    this.#buttons = new Map(
      [...host.querySelectorAll("button[data-do]")].map((button) => [button.dataset.do, button]),
    );
    const actions = {
      "zoom-in": () => host.zoom(1),
      "zoom-out": () => host.zoom(-1),
      "zoom-toggle": () => host.state.toggle(),
      lens: () => host.toggleLens(),
      "full-screen": () => host.toggleFullScreen(),
    };
    for (const [name, button] of this.#buttons) {
      const [kind, mode] = name.split(":");
      const act = kind === "mode" ? () => (host.mode = mode) : actions[name];
      if (act) button.addEventListener("click", act);
    }
    this.#buttons.get("full-screen").hidden = !document.fullscreenEnabled;
    wireHold(this.#buttons.get("hold"), (isOn) => host.hold(isOn));
  }

  draw() {
    const { state, mode, lens, isFullScreen } = this.#host;
    for (const name of ["slider", "side", "hold"]) {
      this.#buttons.get(`mode:${name}`).setAttribute("aria-pressed", mode === name);
    }
    const percent = percentOf(state.view.scale);
    const zoom = this.#buttons.get("zoom-toggle");
    zoom.textContent = this.#word("zoom", { percent });
    zoom.setAttribute("aria-label", this.#word("zoom_label", { percent }));
    const { min, max } = state.limits;
    this.#buttons.get("zoom-in").disabled = state.view.scale > max * 0.99;
    this.#buttons.get("zoom-out").disabled = state.view.scale < min * 1.01;
    this.#buttons.get("lens").setAttribute("aria-pressed", lens.isOpen);
    const full = this.#buttons.get("full-screen");
    full.setAttribute("aria-pressed", isFullScreen);
    full.title = this.#word(isFullScreen ? "leave_full_screen" : "full_screen");
    full.setAttribute("aria-label", full.title);
  }
}

/**
 * Pressed by pointer or key it holds; a click without a press, as a screen reader makes it,
 * switches.
 */
export function wireHold(button, hold) {
  let isPressed = false;
  let isOn = false;
  const set = (value) => {
    isOn = value;
    button.setAttribute("aria-pressed", value);
    hold(value);
  };
  const press = () => {
    isPressed = true;
    set(true);
  };
  const release = () => {
    if (isOn && isPressed) set(false);
  };
  button.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    button.setPointerCapture(event.pointerId);
    press();
  });
  for (const name of ["pointerup", "pointercancel", "blur"]) button.addEventListener(name, release);
  button.addEventListener("keydown", (event) => {
    if (![" ", "Enter"].includes(event.key)) return;
    event.preventDefault();
    if (!event.repeat) press();
  });
  button.addEventListener("keyup", (event) => {
    if (![" ", "Enter"].includes(event.key)) return;
    event.preventDefault();
    release();
    isPressed = false;
  });
  button.addEventListener("contextmenu", (event) => event.preventDefault());
  button.addEventListener("click", () => {
    if (!isPressed) set(!isOn);
    isPressed = false;
  });
}
