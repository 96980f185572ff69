/**
 * The rule of the feed without any network: `{job: seq}` and what to do with a message
 * (docs/api/websocket.md).
 */

const ENDED = new Set(["succeeded", "failed", "cancelled"]);
// What a change may tell in its `data` beside the progress.
const FACTS = ["favourite", "cancel_requested"];

const nothing = () => ({ changed: [], gone: [], gaps: {}, partial: [] });

/** Whether the job can still change. */
export function isOpen(job) {
  return !ENDED.has(job.state);
}

/** A change carries neither face nor result nor reason: those come with a reading of the job. */
function needsReading(before, job) {
  if (before?.created_at === undefined) return true;
  return isOpen(before) && !isOpen(job);
}

export class JobModel {
  jobs = new Map();

  /**
   * Returns `{changed: [job], gone: [id], gaps: {id: known seq}, partial: [id]}`; `partial` are
   * jobs of which a change told a part only.
   */
  apply(message) {
    if (message.type === "snapshot") return this.#applySnapshot(message);
    if (message.type === "job") return this.#applyChange(message);
    return nothing();
  }

  #applySnapshot({ jobs, gone, complete }) {
    const absent = new Set(gone);
    if (complete) {
      for (const id of this.jobs.keys()) absent.add(id);
      for (const { job } of jobs) absent.delete(job);
    }
    const changed = jobs.filter(({ job, seq }) => complete || seq >= this.#known(job));
    for (const job of changed) this.jobs.set(job.job, job);
    for (const id of absent) this.jobs.delete(id);
    return { ...nothing(), changed, gone: [...absent] };
  }

  #applyChange(message) {
    const { job: id, seq, from_seq: fromSeq, ephemeral } = message;
    const known = this.#known(id);
    const isProgress = ephemeral && seq === known;
    if (!isProgress && seq <= known) return nothing();
    if (!isProgress && fromSeq > known + 1) return { ...nothing(), gaps: { [id]: known } };
    const before = this.jobs.get(id);
    const job = { ...before, ...message, ...factsOf(message) };
    this.jobs.set(id, job);
    return { ...nothing(), changed: [job], partial: needsReading(before, job) ? [id] : [] };
  }

  #known(id) {
    return this.jobs.get(id)?.seq ?? 0;
  }
}

function factsOf({ data = {} }) {
  return Object.fromEntries(FACTS.filter((name) => name in data).map((name) => [name, data[name]]));
}
