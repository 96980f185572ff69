/** The jobs that a page shows beside its content: counted, chosen and put in order. */

import { isOpen } from "./job-model.js";

const RECENT_MS = 24 * 3600 * 1000;
const MOST_RECENT = 50;

/** Jobs that stand for others (the parent of a batch) are no work of their own. */
function withoutGroups(jobs) {
  const parents = new Set(jobs.map(({ parent }) => parent).filter(Boolean));
  return jobs.filter(({ job }) => !parents.has(job));
}

/** A change that ends a job does not say when: it is now, until the job has been read again. */
const endedAt = ({ finished_at: at }) => at ?? "9999";

/** `{running, waiting, share}`; `share` counts what ended since the oldest open job came in. */
export function countJobs(all) {
  const jobs = withoutGroups(all);
  const open = jobs.filter(isOpen);
  const running = open.filter(({ state }) => state === "running").length;
  if (open.length === 0) return { running: 0, waiting: 0, share: 0 };
  const known = open.map(({ created_at: at }) => at).filter(Boolean);
  const oldest = known.sort()[0];
  const ended = jobs.filter((job) => !isOpen(job) && endedAt(job) >= oldest);
  const done = open.reduce((sum, { progress }) => sum + progress, ended.length);
  return { running, waiting: open.length - running, share: done / (open.length + ended.length) };
}

/** Every open job and at most 50 that ended within a day, newest first (ids are in time order). */
export function shownJobs(all, now = Date.now()) {
  const whole = withoutGroups(all).filter(({ title }) => title !== undefined);
  const newestFirst = whole.sort((one, other) => (one.job < other.job ? 1 : -1));
  const isRecent = (job) => now - Date.parse(endedAt(job)) < RECENT_MS;
  const recent = new Set(newestFirst.filter((job) => !isOpen(job) && isRecent(job)).slice(0, MOST_RECENT));
  return newestFirst.filter((job) => isOpen(job) || recent.has(job));
}

/** The feed as one listener hears it: `{jobs, state}`, from before the listener was there too. */
export class JobList {
  jobs = new Map();
  state = "";
  #onChange;

  /** `onChange(what, before, job)` after each event; `what` is `job`, `job-gone` or `feed-state`. */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  connect() {
    for (const name of ["job", "job-gone", "feed-state"]) document.addEventListener(name, this);
    const feed = document.querySelector("job-feed");
    this.state = feed?.getAttribute("state") ?? "";
    for (const job of feed?.jobs ?? []) this.jobs.set(job.job, job);
    if (this.state) this.#onChange("feed-state");
  }

  disconnect() {
    for (const name of ["job", "job-gone", "feed-state"]) document.removeEventListener(name, this);
  }

  handleEvent({ type, detail }) {
    const before = this.jobs.get(detail.job);
    if (type === "job") this.jobs.set(detail.job, detail);
    if (type === "job-gone") this.jobs.delete(detail.job);
    if (type === "feed-state") this.state = detail.state;
    this.#onChange(type, before, detail);
  }

  /** Whether the server has told the jobs, so that what it wrote into the page may be replaced. */
  get isTold() {
    return this.jobs.size > 0 || ["live", "sse", "polling"].includes(this.state);
  }
}
