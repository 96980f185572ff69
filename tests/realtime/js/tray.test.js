/** What the pill, the tray, the messages and <job-progress> say about jobs. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { act } from "../../../static/js/job-actions.js";
import { countJobs, shownJobs } from "../../../static/js/job-list.js";
import { announcement as progressAnnouncement } from "../../../static/js/job-progress.js";
import { Failures, failure } from "../../../static/js/job-toasts.js";
import { announcement, remaining, rowWords } from "../../../static/js/job-words.js";
import { pillWords, sentence } from "../../../static/js/queue-pill.js";
import { useWords } from "../../../static/js/words.js";

const TABLE = {
  "state.queued": "Queued", "state.running": "Running", "state.succeeded": "Succeeded",
  "state.failed": "Failed", "state.cancelled": "Cancelled", "stage.enhance.photo.background": "Enlarging",
  "duration.seconds": "%(seconds)s s", "duration.minutes": "%(minutes)s min", "relative.now": "now",
  "pill.idle": "No job is running", "pill.running": "%(n)s running", "pill.waiting": "%(n)s waiting",
  "tray.eta": "about %(time)s left", "tray.place": "Place %(n)s in the queue", "tray.next": "Next in the queue",
  "tray.stopping": "Stopping", "tray.took": "took %(time)s", "tray.units": "%(done)s of %(total)s",
  "tray.offline": "No answer", "tray.refused": "Refused (%(status)s)",
  "say.succeeded": "%(title)s is finished", "say.failed": "%(title)s failed",
  "say.many": "%(n)s jobs ended, %(finished)s with a result",
  "toast.failed": "%(title)s failed: %(reason)s", "toast.failed_plain": "%(title)s failed.", "toast.open": "Look",
};
const NOW = new Date("2026-11-22T12:00:00Z");
const at = (seconds) => new Date(NOW - seconds * 1000).toISOString();
const job = (more) => ({
  job: "1", kind: "enhance.photo", title: "cat.jpg", state: "running", stage: "background", progress: 0.426,
  eta_seconds: 40, created_at: at(60), finished_at: null, parent: null, ...more,
});
const ended = (more) => job({ state: "succeeded", progress: 1, eta_seconds: null, finished_at: at(10), ...more });

beforeEach(() => useWords(TABLE, "en"));

test("a running job is told by its step, its share and the time left", () => {
  assert.equal(rowWords(job(), +NOW, NOW), "Enlarging · 42% · about 40 s left");
  assert.equal(rowWords(job({ eta_seconds: null }), +NOW, NOW), "Enlarging · 42%");
  assert.equal(rowWords(job({ cancel_requested: true }), +NOW, NOW), "Stopping");
});

test("a waiting job is told by its place", () => {
  const waiting = (place) => job({ state: "queued", stage: "", queue_position: place, eta_seconds: null });
  assert.deepEqual([null, 1, 7].map((place) => rowWords(waiting(place), +NOW, NOW)), [
    "Queued", "Next in the queue", "Place 7 in the queue",
  ]);
});

test("an ended job is told by its end: how long, how long ago, or why not", () => {
  assert.equal(rowWords(ended({ started_at: at(44) }), 0, NOW), "Succeeded · took 34 s");
  assert.equal(rowWords(ended({ started_at: at(444), finished_at: at(400) }), 0, NOW), "Succeeded · 6 minutes ago");
  assert.equal(rowWords(ended({ state: "cancelled" }), 0, NOW), "Cancelled · now");
  assert.equal(rowWords(ended({ state: "failed", error: { detail: "Too large." } }), 0, NOW), "Failed · Too large.");
});

test("the time left counts down in calm steps and is silent when it is up", () => {
  const said = [0, 2, 17, 25, 39, 39.5, 300].map((later) => remaining(job(), NOW - later * 1000, NOW));
  assert.deepEqual(said, [
    "about 40 s left", "about 40 s left", "about 25 s left", "about 15 s left", "about 1 s left", "", "",
  ]);
});

test("the pill counts what runs and waits; a batch's parent is no work", () => {
  const jobs = [
    job({ job: "1", parent: "9", progress: 0.5 }), job({ job: "2", parent: "9", state: "queued", progress: 0 }),
    job({ job: "9", state: "queued", progress: 0 }),
  ];
  assert.deepEqual(countJobs(jobs), { running: 1, waiting: 1, share: 0.25 });
  assert.equal(pillWords(countJobs(jobs)), "1 running · 1 waiting");
  assert.equal(pillWords(countJobs([])), "No job is running");
});

test("the overall ring counts what ended since the oldest open job came in, and nothing older", () => {
  const open = job({ job: "3", created_at: at(60), progress: 0.5 });
  assert.equal(countJobs([open, ended({ job: "2", finished_at: at(30) })]).share, 0.75);
  assert.equal(countJobs([open, ended({ job: "1", finished_at: at(90) })]).share, 0.5);
});

test("the tray shows every open job and what ended within a day, newest first", () => {
  const jobs = [
    ended({ job: "1" }), job({ job: "5", state: "queued" }), ended({ job: "3", finished_at: at(25 * 3600) }),
    job({ job: "2", created_at: at(48 * 3600) }), ended({ job: "4", title: undefined }),
  ];
  assert.deepEqual(shownJobs(jobs, +NOW).map((each) => each.job), ["5", "2", "1"]);
  const many = Array.from({ length: 60 }, (_, n) => ended({ job: String(100 + n) }));
  const shown = shownJobs([...many, job({ job: "050" })], +NOW);
  assert.deepEqual([shown.length, shown[0].job, shown.at(-1).job], [51, "159", "050"]);
});

test("a job that a change has just ended stays in its place", () => {
  const jobs = [job({ job: "2" }), ended({ job: "1", finished_at: null })];
  assert.deepEqual(shownJobs(jobs, +NOW).map((each) => each.job), ["2", "1"]);
  assert.equal(countJobs([job({ job: "2", progress: 0 }), jobs[1]]).share, 0.5);
});

test("only an end that was seen is said, and a batch in one sentence", () => {
  assert.equal(announcement(job(), ended()), "cat.jpg is finished");
  assert.equal(announcement(undefined, ended()), "");
  assert.equal(announcement(ended(), ended()), "");
  assert.equal(announcement(job(), job({ progress: 0.5 })), "");
  assert.equal(sentence([]), "");
  assert.equal(sentence([{ text: "a", state: "failed" }]), "a");
  const said = ["succeeded", "succeeded", "failed"].map((state) => ({ text: "x", state }));
  assert.equal(sentence(said), "3 jobs ended, 2 with a result");
});

test("a failure is told once, when its reason is known, and only when it happened here", () => {
  const failures = new Failures();
  const failed = ended({ state: "failed", error: { detail: "Too large." } });
  const delta = { ...failed, finished_at: null, error: null };
  assert.equal(failures.hear(undefined, failed), false);
  assert.equal(failures.hear(job(), delta), false);
  assert.equal(failures.hear(delta, failed), true);
  assert.equal(failures.hear(failed, failed), false);
  assert.equal(failure(failed).text, "cat.jpg failed: Too large.");
  assert.equal(failure(delta).text, "cat.jpg failed.");
});

test("the live region speaks at a new state, step or tenth, and says why a job failed", () => {
  const running = (progress, more) => progressAnnouncement(job({ progress, done: 3, total: 9, ...more }));
  assert.equal(running(0.31).key, running(0.39).key);
  assert.notEqual(running(0.39).key, running(0.4).key);
  assert.notEqual(running(0.31).key, running(0.31, { stage: "encode" }).key);
  assert.equal(running(0.31).text, "Enlarging · 30% · 3 of 9");
  assert.equal(progressAnnouncement(job({ state: "queued" })).text, "Queued");
  const failed = progressAnnouncement(ended({ state: "failed", error: { detail: "Too large." } }));
  assert.equal(failed.text, "Failed · Too large.");
});

test("an action posts with the token of the page and answers with the job", async () => {
  const asked = [];
  const request = async (url, options) => {
    asked.push([url, options.method, options.headers["X-CSRFToken"]]);
    return { ok: true, headers: new Map([["Content-Type", "application/json"]]), json: async () => ({ job: "2" }) };
  };
  assert.deepEqual(await act("retry", "1", { csrf: "secret", request }), { job: { job: "2" } });
  assert.deepEqual(asked, [["/api/v1/jobs/1/retry/", "POST", "secret"]]);
});

test("a refusal is told in the server's words, else in ours", async () => {
  const answer = (status, type, body) => async () => ({
    ok: false, status, headers: new Map([["Content-Type", type]]), json: async () => body,
  });
  const told = async (request) => (await act("cancel", "1", { csrf: "", request })).error;
  assert.equal(await told(answer(409, "application/problem+json", { detail: "Gone." })), "Gone.");
  assert.equal(await told(answer(502, "text/html")), "Refused (502)");
  assert.equal(await told(async () => { throw new TypeError("offline"); }), "No answer");
});
