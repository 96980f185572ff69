/** What a person must hear of on any page: a job of theirs failed, or they are signed out. */

import { JobList } from "./job-list.js";
import { isOpen } from "./job-model.js";
import { toast } from "./toast.js";
import { word } from "./words.js";

/** Which jobs failed under our eyes and are told whole (the reason comes with a second reading). */
export class Failures {
  #awaited = new Set();

  /** Whether to tell of `job` now. */
  hear(before, job) {
    if (before && isOpen(before) && job.state === "failed") this.#awaited.add(job.job);
    if (job.state !== "failed" || !job.finished_at) return false;
    return this.#awaited.delete(job.job);
  }
}

/** The message about a failed job. */
export function failure(job) {
  const { title, error } = job;
  const text = error ? word("toast.failed", { title, reason: error.detail }) : word("toast.failed_plain", { title });
  return { text, tone: "bad", action: { label: word("toast.open"), href: job.page_url } };
}

/** A page that shows the job already, and a tray that lies open, need no message about it. */
function isInSight(job) {
  const onPage = job.page_url === location.pathname || document.querySelector(`job-progress[job="${job.job}"]`);
  return Boolean(onPage) || document.querySelector("queue-tray")?.matches(":popover-open");
}

if (globalThis.document) {
  const failures = new Failures();
  const list = new JobList((what, before, job) => {
    if (what === "job" && failures.hear(before, job) && !isInSight(job)) toast(failure(job));
    if (what === "feed-state" && list.state === "closed") {
      const here = encodeURIComponent(location.pathname + location.search);
      const href = `${document.querySelector(".tray-sign-in").pathname}?next=${here}`;
      toast({ text: word("toast.signed_out"), tone: "warn", action: { label: word("toast.sign_in"), href } });
    }
  });
  list.connect();
}
