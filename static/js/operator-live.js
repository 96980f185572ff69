/**
 * Keeps the operators' page fresh: reads `/operator/live/` every three seconds while the page is
 * looked at, and changes only what differs. A button stops that. Without a script the page is a
 * page.
 */

import { morph } from "./morph.js";

const EVERY_MS = 3_000;
const AFTER_A_FAILURE_MS = 10_000;

/**
 * Reads again and again: `read()` resolves to a page, to null when the reader may no longer see
 * it, and to undefined when nobody answers. One read at a time; none while hidden or paused.
 */
export class Repeater {
  #timer = null;
  #reading = false;
  #ended = false;

  constructor({ read, show, tell, setTimeout, clearTimeout }) {
    Object.assign(this, { read, show, tell, setTimeout, clearTimeout });
    this.paused = false;
    this.hidden = false;
  }

  /** `{paused, hidden}` as they are now; whoever comes back reads at once. */
  set(changes) {
    Object.assign(this, changes);
    this.clearTimeout(this.#timer);
    if (this.#ended) return;
    if (this.paused) this.tell("paused");
    else if (!this.hidden) this.#run();
  }

  get #rests() {
    return this.paused || this.hidden || this.#ended;
  }

  async #run() {
    if (this.#reading) return;
    this.#reading = true;
    const page = await this.read();
    this.#reading = false;
    if (page === null) {
      this.#ended = true;
      this.tell("gone");
    }
    if (this.#rests) return;
    if (page !== undefined) this.show(page);
    this.tell(page === undefined ? "lost" : "live");
    const pause = page === undefined ? AFTER_A_FAILURE_MS : EVERY_MS;
    this.#timer = this.setTimeout(() => this.#run(), pause);
  }
}

async function fetchPage(url) {
  try {
    const answer = await fetch(url, { headers: { Accept: "text/html" } });
    if (answer.redirected || answer.status === 404) return null;
    return answer.ok ? await answer.text() : undefined;
  } catch {
    return undefined; // no network, or the server restarts: told by the caller
  }
}

/**
 * Focus stays where it was. A row that only moved takes it again, for a moved node loses it; that
 * of a row which is gone goes to its table, not to the top of the page.
 */
export function keepFocus(region, change, doc = document) {
  const had = doc.activeElement;
  const around = region.contains(had) ? had.closest("section") : null;
  change();
  if (!around?.isConnected) return;
  if (had.isConnected && !had.disabled) {
    if (doc.activeElement !== had) had.focus({ preventScroll: true });
    return;
  }
  around.tabIndex = -1;
  around.focus({ preventScroll: true });
}

function start(region) {
  const state = document.querySelector("[data-live-state]");
  const button = document.querySelector("[data-live-switch]");
  const repeater = new Repeater({
    read: () => fetchPage(region.dataset.operatorLive),
    show: (page) => {
      const wanted = document.createElement("template");
      wanted.innerHTML = page;
      keepFocus(region, () => morph(region, wanted.content));
    },
    tell: (name) => {
      const words = region.getAttribute(`data-words-${name}`);
      if (state.textContent !== words) state.textContent = words;
    },
    setTimeout: (action, ms) => globalThis.setTimeout(action, ms),
    clearTimeout: (timer) => globalThis.clearTimeout(timer),
  });
  button.addEventListener("click", () => {
    const paused = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(paused));
    repeater.set({ paused });
  });
  document.addEventListener("visibilitychange", () => repeater.set({ hidden: document.hidden }));
  repeater.set({ hidden: document.hidden });
}

const region = globalThis.document?.querySelector("[data-operator-live]");
if (region) start(region);
