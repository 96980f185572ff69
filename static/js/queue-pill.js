/**
 * <queue-pill for="queue-tray">: how many jobs run and wait, and how far they are together.
 *
 * Without a script its link leads to the history; with one the same content becomes the button of
 * the tray. It also says aloud, in its live region, what has ended and how the page hears of it.
 */

import { countJobs, JobList } from "./job-list.js";
import { announcement } from "./job-words.js";
import { fillRing } from "./ring.js";
import { percent, word } from "./words.js";

const GATHER_MS = 1_500;

/** One sentence for what ended together, so that a batch does not flood a listener. */
export function sentence(said) {
  if (said.length < 2) return said[0]?.text ?? "";
  return word("say.many", {
    n: said.length,
    finished: said.filter(({ state }) => state === "succeeded").length,
  });
}

/** The pill's words: what runs and waits, or that nothing does. */
export function pillWords({ running, waiting }) {
  const parts = [];
  if (running > 0) parts.push(word("pill.running", { n: running }));
  if (waiting > 0) parts.push(word("pill.waiting", { n: waiting }));
  return parts.join(" · ") || word("pill.idle");
}

if (globalThis.customElements && !customElements.get("queue-pill")) {
  customElements.define(
    "queue-pill",
    class extends HTMLElement {
      #list = new JobList((...change) => this.#heard(...change));
      #frame = 0;
      #said = [];
      #speaking = 0;

      connectedCallback() {
        this.#becomeButton();
        this.#list.connect();
      }

      disconnectedCallback() {
        this.#list.disconnect();
        cancelAnimationFrame(this.#frame);
        clearTimeout(this.#speaking);
      }

      /** A real button of the popover: the browser opens, closes and gives the focus back. */
      #becomeButton() {
        const link = this.querySelector("a");
        if (!link) return;
        const button = document.createElement("button");
        button.type = "button";
        button.className = link.className;
        button.setAttribute("popovertarget", this.getAttribute("for"));
        button.setAttribute("aria-haspopup", "dialog");
        button.append(...link.childNodes);
        link.replaceWith(button);
      }

      #heard(what, before, job) {
        cancelAnimationFrame(this.#frame);
        this.#frame = requestAnimationFrame(() => this.#draw());
        if (what === "feed-state") this.#say(this.#feedWords(), "feed");
        // The page of a job speaks for itself.
        if (what === "job" && !document.querySelector(`job-progress[job="${job.job}"]`)) {
          this.#say(announcement(before, job), job.state);
        }
      }

      #feedWords() {
        const { state } = this.#list;
        return ["", "live"].includes(state) ? "" : word(`feed.${state}`);
      }

      #draw() {
        const feed = this.#feedWords();
        this.dataset.feed = this.#list.state;
        this.querySelector(".pill-feed").textContent = feed;
        this.querySelector("button").title = feed;
        if (!this.#list.isTold) return;
        const counts = countJobs([...this.#list.jobs.values()]);
        const open = counts.running + counts.waiting;
        this.toggleAttribute("data-busy", open > 0);
        this.querySelector(".pill-words").textContent = pillWords(counts);
        this.querySelector(".pill-count").textContent = open || "";
        const drawing = this.querySelector(".ring");
        fillRing(drawing, open > 0 && counts.running === 0 && counts.share === 0 ? null : counts.share);
        const all = open > 0 ? word("pill.overall", { percent: percent(counts.share) }) : "";
        this.querySelector(".pill-overall").textContent = all;
      }

      #say(text, state) {
        if (!text) return;
        this.#said = this.#said.filter((each) => state !== "feed" || each.state !== "feed");
        this.#said.push({ text, state });
        clearTimeout(this.#speaking);
        this.#speaking = setTimeout(() => {
          this.querySelector("[aria-live]").textContent = sentence(this.#said.splice(0));
        }, GATHER_MS);
      }
    },
  );
}
