/**
 * <enhance-batch batch="ID" summary="/enhance/batches/ID/summary/" live>: the server's summary of
 * a batch, kept current.
 *
 * The words are the server's: whenever the page's <job-feed> tells of the batch or one of its
 * photos, the summary (or, with [data-batch-page] around it, the page) is read again, at most once
 * a second, and only what differs is changed. Forms with [data-act] are sent without leaving the
 * page. Dispatches `enhance-batch` {batch} for a batch that a retry made.
 */

import { announce, csrfToken, data, say } from "./enhance-words.js";
import { fetchPiece } from "./enhance-open.js";
import { postJson, problemText } from "./compose-send.js";
import { knownJobs } from "./job-known.js";
import { morph } from "./morph.js";

const PAUSE_MS = 1000;

/** Whether `job` is this batch or one of its photos. */
export function concerns(job, batch) {
  return job.job === batch || job.parent === batch;
}

/** Runs `work` at once, then at most once in `pause`; a call in between is made good at its end. */
export class Pacer {
  #isBusy = false;
  #isWanted = false;

  constructor(work, { pause = PAUSE_MS, wait = (ms) => new Promise((done) => setTimeout(done, ms)) } = {}) {
    this.work = work;
    this.pause = pause;
    this.wait = wait;
  }

  async ask() {
    this.#isWanted = true;
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      while (this.#isWanted) {
        this.#isWanted = false;
        await this.work();
        await this.wait(this.pause);
      }
    } finally {
      this.#isBusy = false;
    }
  }
}

if (globalThis.customElements && !customElements.get("enhance-batch")) {
  customElements.define(
    "enhance-batch",
    class extends HTMLElement {
      #pacer = new Pacer(() => this.#refresh());

      connectedCallback() {
        this.addEventListener("submit", this);
        document.addEventListener("job", this);
        document.addEventListener("enhance-batch-changed", this);
        // What was told while this summary was on its way will not be told again.
        const isTold = knownJobs().some((job) => concerns(job, this.#id));
        if (this.hasAttribute("live") && isTold) this.#pacer.ask();
      }

      disconnectedCallback() {
        this.removeEventListener("submit", this);
        document.removeEventListener("job", this);
        document.removeEventListener("enhance-batch-changed", this);
      }

      handleEvent(event) {
        if (event.type === "submit") this.#act(event);
        else if (event.type === "enhance-batch-changed" && event.detail.batch !== this.#id) return;
        else if (event.type === "job" && !concerns(event.detail, this.#id)) return;
        else this.#pacer.ask();
      }

      get #id() {
        return this.getAttribute("batch");
      }

      async #refresh() {
        const page = this.closest("[data-batch-page]");
        const wanted = page
          ? await fetchPiece(location.pathname, "[data-batch-page]")
          : await fetchPiece(this.getAttribute("summary"), "enhance-batch");
        if (!wanted || !this.isConnected) return;
        const wasLive = this.hasAttribute("live");
        morph(page ?? this, wanted);
        const fresh = page ? wanted.querySelector("enhance-batch") : wanted;
        this.toggleAttribute("live", fresh.hasAttribute("live"));
        if (wasLive && !this.hasAttribute("live")) announce(say("batch_ended"));
      }

      async #act(event) {
        const form = event.target.closest("form[data-act]");
        if (!form) return;
        event.preventDefault();
        const button = form.querySelector("button");
        button.disabled = true;
        const url = `${data.urls.batches}${this.#id}/${form.dataset.act}`;
        const answer = await postJson(url, {}, csrfToken());
        if (answer && answer.status < 300) {
          if (form.dataset.act === "retry") this.#retried(answer.body.batch_task_id);
          this.#pacer.ask();
          return;
        }
        button.disabled = false;
        const unclear = answer ? say("no_answer", { status: answer.status }) : say("offline");
        this.#complain(problemText(answer?.body, unclear));
      }

      #retried(batch) {
        if (this.closest("[data-batch-page]")) location.assign(`${data.urls.page}batches/${batch}/`);
        else this.dispatchEvent(new CustomEvent("enhance-batch", { detail: { batch }, bubbles: true }));
      }

      #complain(text) {
        let words = this.querySelector(".act-error");
        if (!words) {
          words = document.createElement("p");
          words.className = "errorlist act-error";
          this.append(words);
        }
        words.textContent = text;
        announce(text);
      }
    },
  );
}
