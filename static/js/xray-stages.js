/**
 * <xray-stages job="ID" state="running">
 *   [data-part] stage, bar, facts; li[data-stage] in their order
 * </xray-stages>
 *
 * One analysis walking through its stages, fed by the page's <job-feed>. Reloads the page at its
 * end; <xray-draft job="ID"> shows the words of a language model while they come, greyed, and
 * dispatches `xray-report-ended` on `document`.
 */

import { followJob } from "./job-known.js";
import { announce, data, say } from "./xray-words.js";

const ENDED = new Set(["succeeded", "failed", "cancelled"]);

/** What is said about the job, in one line. */
export function stageText(job, { states, stages, words }) {
  if (job.cancel_requested && !ENDED.has(job.state)) return words.stopping;
  if (job.state === "running") return stages[job.stage] ?? states.running;
  return states[job.state] ?? job.state;
}

/** For each of `codes`, in order: "done", "now" or "" (still to come). */
export function walked(codes, job) {
  if (job.state === "succeeded") return codes.map(() => "done");
  const place = job.state === "running" ? codes.indexOf(job.stage) : -1;
  return codes.map((_, at) => (at < place ? "done" : at === place ? "now" : ""));
}

/** The place in the queue in words; nothing for a job that runs. */
export function queueText(job, { words }) {
  if (job.state !== "queued" || !job.queue_position) return "";
  return job.queue_position === 1 ? words.next : words.place.replace("%(position)s", job.queue_position);
}

/** The draft so far, from the change that brought it; null when this change brought none. */
export function draftOf(job) {
  const draft = job.data?.draft;
  return typeof draft === "string" ? draft : null;
}

class JobElement extends (globalThis.HTMLElement ?? class {}) {
  connectedCallback() {
    followJob(this.getAttribute("job"), this);
  }

  disconnectedCallback() {
    document.removeEventListener("job", this);
  }

  handleEvent({ detail }) {
    if (detail.job === this.getAttribute("job")) this.take(detail);
  }

  part(name) {
    return this.querySelector(`[data-part="${name}"]`);
  }

  sayStage(job) {
    const stage = this.part("stage");
    const text = stageText(job, data);
    stage.className = `state state-${job.state}`;
    if (stage.textContent !== text) announce(text);
    stage.textContent = text;
  }
}

if (globalThis.customElements && !customElements.get("xray-stages")) {
  customElements.define(
    "xray-stages",
    class extends JobElement {
      take(job) {
        this.sayStage(job);
        const bar = this.part("bar");
        if (job.state === "queued") bar.removeAttribute("value");
        else bar.value = (job.state === "succeeded" ? 1 : job.progress) * 100;
        this.part("facts").textContent = queueText(job, data);
        const rows = [...this.querySelectorAll("[data-stage]")];
        const marks = walked(rows.map(({ dataset }) => dataset.stage), job);
        for (const [at, row] of rows.entries()) {
          row.toggleAttribute("data-done", marks[at] === "done");
          if (marks[at] === "now") row.setAttribute("aria-current", "step");
          else row.removeAttribute("aria-current");
        }
        if (ENDED.has(job.state)) location.reload();
      }
    },
  );
  customElements.define(
    "xray-draft",
    class extends JobElement {
      #hasEnded = false;

      take(job) {
        this.sayStage(job);
        const draft = draftOf(job);
        const words = this.part("draft");
        if (draft !== null) words.textContent = draft || say("draft_empty");
        words.scrollTop = words.scrollHeight;
        if (!ENDED.has(job.state) || this.#hasEnded) return;
        this.#hasEnded = true;
        document.dispatchEvent(new CustomEvent("xray-report-ended", { detail: job }));
      }
    },
  );
}
