/**
 * <job-progress job="ID" variant="bar|ring" label="Progress" open reload-on-end>
 *   server-rendered state: the fallback without JavaScript, replaced at the first event
 * </job-progress>
 *
 * Needs a <job-feed> on the page. The bar moves with every event; the live region speaks at a
 * new state and once per 10 %, so that a screen reader is told and not flooded. Around it, the
 * nearest `[data-job-row]` learns the state (`data-state`), its `img[data-thumbnail]` the picture of
 * the result and its `a[data-result]` where that is, so that a list needs no reload: what to show
 * in which state is said in job-row.css.
 */

import { followJob } from "./job-known.js";
import { isOpen } from "./job-model.js";
import { fillRing, ring } from "./ring.js";
import { percent, stageWord, stateWord, word } from "./words.js";

/** What the live region says for `job`, and a key that changes only when it should speak. */
export function announcement(job) {
  if (job.state !== "running") {
    const reason = job.state === "failed" && job.error ? job.error.detail : "";
    return { key: `${job.state} ${reason}`, text: [stateWord(job), reason].filter(Boolean).join(" · ") };
  }
  const tenths = Math.floor(job.progress * 10);
  const units = job.total > 0 ? word("tray.units", { done: job.done, total: job.total }) : "";
  const words = [stageWord(job), percent(tenths / 10), units].filter(Boolean);
  return { key: `running ${job.attempt ?? ""} ${job.stage} ${tenths}`, text: words.join(" · ") };
}

if (globalThis.customElements && !customElements.get("job-progress")) {
  customElements.define(
    "job-progress",
    class extends HTMLElement {
      #show = null;
      #text = null;
      #spoken = "";
      #wasOpen = false;

      connectedCallback() {
        followJob(this.getAttribute("job"), this);
      }

      disconnectedCallback() {
        document.removeEventListener("job", this);
      }

      handleEvent({ detail: job }) {
        if (job.job !== this.getAttribute("job")) return;
        if (!this.#show) this.#build();
        this.#show(job);
        this.setAttribute("state", job.state);
        this.#text.className = isOpen(job) ? "" : `state state-${job.state}`;
        const { key, text } = announcement(job);
        if (key !== this.#spoken) this.#text.textContent = text;
        this.#spoken = key;
        this.#tellRow(job);
        this.#reloadAtTheEnd(job);
      }

      /** Only a job that was seen open: a page of an ended job must not reload for ever. */
      #reloadAtTheEnd(job) {
        const ended = !isOpen(job);
        if (ended && (this.#wasOpen || this.hasAttribute("open")) && this.hasAttribute("reload-on-end")) {
          location.reload();
        }
        this.#wasOpen = !ended;
      }

      #tellRow(job) {
        const row = this.closest("[data-job-row]");
        if (!row) return;
        row.dataset.state = job.state;
        const picture = row.querySelector("img[data-thumbnail]");
        if (picture && job.thumbnail_url && !isOpen(job)) picture.src = job.thumbnail_url;
        const result = row.querySelector("a[data-result]");
        if (result && job.result_url) Object.assign(result, { href: job.result_url, hidden: false });
      }

      #build() {
        this.#text = document.createElement("span");
        this.#text.setAttribute("aria-live", "polite");
        const [drawing, show] = this.getAttribute("variant") === "ring" ? this.#ring() : this.#bar();
        this.#show = show;
        this.replaceChildren(drawing, this.#text);
      }

      #ring() {
        const drawing = ring();
        const show = (job) => {
          drawing.toggleAttribute("hidden", !isOpen(job));
          fillRing(drawing, job.state === "queued" ? null : job.progress);
        };
        return [drawing, show];
      }

      #bar() {
        const bar = document.createElement("progress");
        bar.className = "progress";
        bar.max = 1;
        const label = this.getAttribute("label");
        if (label) bar.setAttribute("aria-label", label);
        const show = (job) => {
          bar.hidden = !isOpen(job);
          if (job.state === "queued") bar.removeAttribute("value");
          else bar.value = job.progress;
        };
        return [bar, show];
      }
    },
  );
}
