/**
 * <enhance-job job="ID" state="running" name="photo.png" eta="40" card="/enhance/ID/card/" live>
 *   parts by [data-part]: stage, percent, bar, facts, why; forms by [data-act]: cancel, retry
 * </enhance-job>
 *
 * One live job in words. Server-rendered; this script keeps it current from the page's
 * <job-feed>, counts the time down between two events, and sends its forms without leaving the
 * page. Dispatches `enhance-ended` {job, state, name, reason} and `enhance-accepted` {task}.
 */

import { followJob } from "./job-known.js";
import { duration, percent } from "./words.js";
import { announce, csrfToken, data, fill, say } from "./enhance-words.js";
import { postJson, problemText } from "./compose-send.js";

const ENDED = new Set(["succeeded", "failed", "cancelled"]);

/** The step in words, "Stopping" once the owner asked for it. */
export function stageText(job, { states, stages, words }) {
  if (job.cancel_requested && !ENDED.has(job.state)) return words.stopping;
  if (job.state === "running") return stages[job.stage] ?? states.running;
  return states[job.state] ?? job.state;
}

/** "tile 3 of 9" or "face 1 of 2": the tiles of the plan come first in the count of a job. */
export function unitsText({ done, total }, tiles, words) {
  const faces = Math.max(0, total - tiles);
  if (done >= tiles && faces > 0) return fill(words.face, { done: done - tiles, total: faces });
  return fill(words.tile, { done: Math.min(done, tiles), total: tiles });
}

/** "tile 3 of 9 · about 40 s left", or the place in the queue; only what is known. */
export function factsText(job, { words }, tiles = job.total) {
  const parts = [];
  if (job.state === "running" && job.total > 0) parts.push(unitsText(job, tiles, words));
  if (job.state === "queued" && job.queue_position) {
    const position = job.queue_position;
    parts.push(position === 1 ? words.next : fill(words.place, { position }));
  }
  if (job.eta_seconds) parts.push(fill(words.left, { time: duration(job.eta_seconds) }));
  return parts.join(" · ");
}

/** `job` as it is `seconds` after its event: only the time has moved, and never to nothing. */
export function later(job, seconds) {
  if (!job.eta_seconds) return job;
  return { ...job, eta_seconds: Math.max(1, job.eta_seconds - seconds) };
}

if (globalThis.customElements && !customElements.get("enhance-job")) {
  customElements.define(
    "enhance-job",
    class extends HTMLElement {
      #job = null;
      #heardAt = 0;
      #timer = null;
      #isEnded = false;

      connectedCallback() {
        this.addEventListener("submit", this);
        if (!this.hasAttribute("live")) return;
        document.addEventListener("job-gone", this);
        this.#timer = setInterval(() => this.#tick(), 1000);
        followJob(this.getAttribute("job"), this);
      }

      disconnectedCallback() {
        this.removeEventListener("submit", this);
        document.removeEventListener("job", this);
        document.removeEventListener("job-gone", this);
        clearInterval(this.#timer);
      }

      handleEvent(event) {
        if (event.type === "submit") this.#act(event);
        else if (event.detail.job !== this.getAttribute("job")) return;
        else if (event.type === "job-gone") this.#say(say("gone"));
        else this.#take(event.detail);
      }

      part(name) {
        return this.querySelector(`[data-part="${name}"]`);
      }

      #take(job) {
        this.#job = job;
        this.#heardAt = performance.now();
        this.setAttribute("state", job.state);
        this.#draw(job);
        if (ENDED.has(job.state) && !this.#isEnded) this.#end(job);
      }

      #tick() {
        if (this.#job) this.#draw(later(this.#job, (performance.now() - this.#heardAt) / 1000));
      }

      #draw(job) {
        const stage = this.part("stage");
        if (!stage) return;
        stage.className = `state state-${job.state}`;
        stage.textContent = stageText(job, data);
        const tiles = Number(this.getAttribute("tiles") ?? job.total);
        this.part("facts").textContent = factsText(job, data, tiles);
        const isQueued = job.state === "queued";
        const share = job.state === "succeeded" ? 1 : job.progress;
        this.part("percent").textContent = isQueued ? "" : percent(share);
        const bar = this.part("bar");
        if (isQueued) bar.removeAttribute("value");
        else bar.value = share * 100;
        const why = this.part("why");
        if (why) why.hidden = !isQueued;
      }

      #end(job) {
        this.#isEnded = true;
        clearInterval(this.#timer);
        const detail = {
          job: job.job,
          state: job.state,
          name: this.getAttribute("name"),
          reason: job.error?.detail ?? "",
        };
        this.dispatchEvent(new CustomEvent("enhance-ended", { detail, bubbles: true }));
      }

      async #act(event) {
        const form = event.target.closest("form[data-act]");
        if (!form) return;
        event.preventDefault();
        const button = form.querySelector("button");
        button.disabled = true;
        const act = form.dataset.act;
        const url = `${data.urls.tasks}${this.getAttribute("job")}/${act}`;
        const answer = await postJson(url, {}, csrfToken());
        if (answer && answer.status < 300) {
          if (act === "cancel") this.#say(say("stopping"));
          if (act === "retry") this.#accepted(answer.body.task_id);
          return;
        }
        button.disabled = false;
        const unclear = answer ? say("no_answer", { status: answer.status }) : say("offline");
        this.#complain(form, problemText(answer?.body, unclear));
      }

      #accepted(task) {
        const detail = { task, name: this.getAttribute("name"), replaces: this };
        this.dispatchEvent(new CustomEvent("enhance-accepted", { detail, bubbles: true }));
      }

      #complain(form, text) {
        let words = form.parentElement.querySelector(".act-error");
        if (!words) {
          words = document.createElement("p");
          words.className = "errorlist act-error";
          form.after(words);
        }
        words.textContent = text;
        announce(text);
      }

      #say(text) {
        const stage = this.part("stage");
        if (stage) stage.textContent = text;
      }
    },
  );
}
