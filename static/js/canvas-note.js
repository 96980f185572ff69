/** The one line over the picture: what is being loaded, or what failed and how to try again. */

export class CanvasNote {
  #element;
  #again;

  constructor(element, again) {
    this.#element = element;
    this.#again = again;
  }

  /** Words while something happens. */
  say(text, { isBusy = false } = {}) {
    this.#show(text, isBusy ? "busy" : "plain");
  }

  /** Words about a failure; with `retry` a button beside them. */
  fail(text, retry = null) {
    this.#show(text, "failed");
    if (!retry) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button-quiet";
    button.textContent = this.#again;
    button.addEventListener("click", retry, { once: true });
    this.#element.append(button);
  }

  clear() {
    this.#element.replaceChildren();
    this.#element.dataset.kind = "none";
  }

  #show(text, kind) {
    const words = document.createElement("span");
    words.textContent = text;
    this.#element.replaceChildren(words);
    this.#element.dataset.kind = kind;
  }
}
