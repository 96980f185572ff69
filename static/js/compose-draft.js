/** One chosen photo that the server has not taken yet: its card, and what is known about it. */

import { megabytes, percent, duration } from "./words.js";
import { fill, say } from "./enhance-words.js";
import { formatOf, readPicture, refusalOf } from "./compose-files.js";
import { RequestKey } from "./compose-send.js";

// Less than a hundredth of a megabyte would read as nothing.
const LEAST_SHOWN = 10_000;

/** "1.2 MB · 300 × 200 → 1200 × 800 · about 4 s", as far as it is known; sizes do not break. */
export function factsOf({ size, picture, plan }, words) {
  const side = ({ width, height }) => fill(words.size, { width, height });
  const parts = [megabytes(Math.max(size, LEAST_SHOWN))];
  if (picture && plan && !plan.refusal) {
    parts.push(fill(words.from_to, { from: side(picture), to: side(plan) }));
    if (plan.seconds) parts.push(fill(words.takes, { time: duration(Math.max(1, plan.seconds)) }));
  } else if (picture) parts.push(side(picture));
  return parts.join(" · ").replaceAll(" × ", "\u00a0×\u00a0");
}

/** States: `reading`, `ready`, `refused` (as it is it can never be taken), `failed` (may be tried
 * again), `waiting`, `uploading`, `sent`. */
export class Draft {
  key = new RequestKey();
  picture = null;
  plan = null;
  state = "reading";

  constructor({ file, template, data, onRemove }) {
    this.file = file;
    this.data = data;
    this.card = template.content.firstElementChild.cloneNode(true);
    this.part("remove").addEventListener("click", () => onRemove(this));
    this.card.querySelector(".draft-name").textContent = file.name;
    const remove = this.part("remove");
    remove.setAttribute("aria-label", `${remove.title}: ${file.name}`);
    this.#showFacts();
  }

  part(name) {
    return this.card.querySelector(`[data-part="${name}"]`);
  }

  /** Judge and read the file; the card shows each step. */
  async read() {
    const refusal = refusalOf(this.file, this.data);
    if (refusal) {
      this.refuse(refusal);
      return;
    }
    this.#say(say("reading"));
    this.picture = await readPicture(this.file);
    this.#say("");
    if (this.picture) {
      this.picture.format = formatOf(this.file.name, this.data);
      const image = this.card.querySelector("img");
      image.src = this.picture.url;
      image.hidden = false;
      this.card.querySelector(".draft-icon").hidden = true;
    }
    this.part("note").hidden = Boolean(this.picture);
    this.#showFacts();
    if (this.state === "reading") this.state = "ready";
  }

  /** The estimate for the present options: a plan, a refusal of these options, or nothing. */
  planned(plan) {
    this.plan = plan;
    this.#showFacts();
    if (this.isSending) return;
    if (plan?.refusal) this.#showError(plan.refusal, "blocked");
    else if (this.state === "blocked") this.again();
  }

  /** Whether it counts for the button. */
  get isSendable() {
    return this.state === "ready" || this.state === "failed";
  }

  get isSending() {
    return ["waiting", "uploading", "sent"].includes(this.state);
  }

  wait() {
    this.again();
    this.state = "waiting";
    this.part("remove").disabled = true;
    this.#say(say("waiting"));
  }

  pause(seconds) {
    this.#say(say("pause", { time: duration(seconds) }));
    this.part("bar").hidden = true;
  }

  progress(share) {
    this.state = "uploading";
    const bar = this.part("bar");
    bar.hidden = false;
    bar.value = share;
    this.#say(say("uploading", { percent: percent(share) }));
  }

  /** All bytes are there; the server decodes and stores them. */
  checking() {
    this.part("bar").removeAttribute("value");
    this.#say(say("checking"));
  }

  /** Nothing that this person can change about the file here would help. */
  refuse(refusal) {
    this.#showError(refusal, "refused");
  }

  /** It may be tried again, with the same or other options. */
  fail(refusal) {
    this.#showError(refusal, "failed");
  }

  /** Take a complaint back. */
  again() {
    this.state = "ready";
    this.part("error").hidden = true;
    this.card.removeAttribute("data-bad");
  }

  /** The small local copy is no longer needed. */
  release() {
    if (this.picture?.url) URL.revokeObjectURL(this.picture.url);
  }

  #showError({ code, detail }, state) {
    this.state = state;
    this.card.dataset.bad = state;
    this.#say("");
    // No preview follows any more.
    this.part("note").hidden = true;
    this.part("bar").hidden = true;
    this.part("remove").disabled = false;
    this.part("error").hidden = false;
    this.part("reason").textContent = detail;
    this.part("code").textContent = code ? say("quote", { code }) : "";
  }

  #say(text) {
    const state = this.part("state");
    state.hidden = !text;
    state.textContent = text;
  }

  #showFacts() {
    this.part("facts").textContent = factsOf({ ...this, size: this.file.size }, this.data.words);
  }
}
