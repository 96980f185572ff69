/**
 * What the page's <job-feed> has told of a job before somebody listened.
 *
 * A change is told once. An element that is put into the page after it, a card that was still on
 * its way or a script that loaded late, would wait for ever for the end of an ended job.
 */

/** Every job that the feed has told of. */
export function knownJobs(doc = document) {
  return doc.querySelector("job-feed")?.jobs ?? [];
}

/** The job as the feed knows it; undefined when it was not told yet. */
export function knownJob(id, doc = document) {
  return knownJobs(doc).find(({ job }) => job === id);
}

/**
 * Hear of `job` events with `listener` from now on, and of what is known of job `id` in a moment:
 * an element is made while the modules of its page still load, and who listens to it comes after.
 */
export function followJob(id, listener, doc = document) {
  doc.addEventListener("job", listener);
  queueMicrotask(() => {
    const known = listener.isConnected === false ? undefined : knownJob(id, doc);
    if (known) listener.handleEvent({ type: "job", detail: known });
  });
}
