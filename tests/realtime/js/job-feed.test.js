import assert from "node:assert/strict";
import { test } from "node:test";

import { retryDelay } from "../../../static/js/feed-channel.js";
import { JobModel } from "../../../static/js/job-model.js";
import { answerOf, browser, change, row, settled, snapshot } from "./browser.js";

function modelAt(seq) {
  const model = new JobModel();
  model.apply(snapshot([{ job: "a", seq, state: "running", progress: 0.1 }]));
  return model;
}

test("the next event is applied and keeps what the snapshot told", () => {
  const model = new JobModel();
  model.apply(snapshot([{ job: "a", seq: 2, state: "running", result_url: null }]));
  const { changed } = model.apply(change(3, { state: "succeeded", progress: 1 }));
  assert.equal(changed[0].state, "succeeded");
  assert.equal(changed[0].result_url, null);
  assert.equal(model.jobs.get("a").seq, 3);
});

test("an old event is ignored", () => {
  const model = modelAt(5);
  assert.deepEqual(model.apply(change(5, { state: "queued" })).changed, []);
  assert.deepEqual(model.apply(change(4)).changed, []);
  assert.equal(model.jobs.get("a").state, "running");
});

test("an ephemeral event moves the bar only at the known number", () => {
  const model = modelAt(5);
  model.apply(change(5, { ephemeral: true, progress: 0.7 }));
  assert.equal(model.jobs.get("a").progress, 0.7);
  model.apply(change(4, { ephemeral: true, progress: 0.2 }));
  assert.equal(model.jobs.get("a").progress, 0.7);
  assert.deepEqual(model.apply(change(7, { ephemeral: true })).gaps, { a: 5 });
});

test("a coalesced event that touches the known number is applied", () => {
  const model = modelAt(5);
  assert.equal(model.apply(change(9, { from_seq: 6 })).changed.length, 1);
  assert.equal(model.apply(change(12, { from_seq: 8 })).changed.length, 1);
  assert.equal(model.jobs.get("a").seq, 12);
});

test("a gap changes nothing and asks for what is missing", () => {
  const model = modelAt(5);
  const { changed, gaps } = model.apply(change(8, { state: "succeeded" }));
  assert.deepEqual([changed, gaps], [[], { a: 5 }]);
  assert.equal(model.jobs.get("a").state, "running");
});

test("a complete snapshot forgets what it does not list, a partial one does not", () => {
  const model = modelAt(5);
  assert.deepEqual(model.apply(snapshot([{ job: "b", seq: 1 }], false)).gone, []);
  assert.deepEqual([...model.jobs.keys()], ["a", "b"]);
  assert.deepEqual(model.apply(snapshot([], false, ["b"])).gone, ["b"]);
  assert.deepEqual(model.apply(snapshot([{ job: "c", seq: 1 }])).gone, ["a"]);
  assert.deepEqual([...model.jobs.keys()], ["c"]);
});

test("a partial snapshot that was overtaken is ignored", () => {
  const model = modelAt(5);
  assert.deepEqual(model.apply(snapshot([{ job: "a", seq: 4, state: "queued" }], false)).changed, []);
  assert.equal(model.jobs.get("a").state, "running");
});

test("retries wait between half a second and twenty", () => {
  assert.equal(retryDelay(1, () => 0), 500);
  assert.equal(retryDelay(1, () => 0.999).toFixed(0), "1000");
  assert.equal(retryDelay(20, () => 1), 20_000);
});

test("the socket offers jobs.v1, answers pings and asks to resume after a gap", () => {
  const page = browser();
  page.feed.start();
  const [socket] = page.sockets;
  assert.deepEqual(socket.protocols, ["jobs.v1"]);
  socket.say(snapshot([{ job: "a", seq: 1, state: "queued" }]));
  socket.say({ type: "ping" });
  socket.say(change(4));
  assert.deepEqual(socket.sent, [{ pong: true }, { resume: { a: 1 } }]);
  assert.deepEqual(page.states, ["live"]);
});

test("a socket that does not open in ten seconds, or is silent for sixty, is given up", () => {
  const page = browser();
  page.feed.start();
  assert.deepEqual(page.pending().map(({ wait }) => wait), [10_000]);
  page.sockets[0].say(snapshot([]));
  assert.deepEqual(page.pending().map(({ wait }) => wait), [60_000]);
  page.runNext();
  assert.equal(page.sockets[0].closed, true);
  assert.deepEqual(page.states, ["live", "retrying"]);
});

test("three failures fall back to SSE, and a dead SSE to polling", async () => {
  const page = browser();
  page.loseTheSocket();
  assert.deepEqual([page.sockets.length, page.sources.length], [3, 1]);
  page.sources[0].say(snapshot([row("a", 1)]));
  assert.deepEqual(page.states, ["retrying", "retrying", "sse"]);
  page.sources[0].onerror(); // it worked: it is worth opening again
  page.runNext(500);
  assert.equal(page.sources.length, 2);
  page.answers = () => answerOf({ next: null, results: [row("a", 2)] }, { ETag: '"1"' });
  page.sources[1].onerror();
  await settled();
  assert.equal(page.states.at(-1), "polling");
  assert.equal(page.feed.model.jobs.get("a").seq, 2);
  page.answers = () => ({ ok: false, status: 304 });
  await page.runNext(2000);
  const again = page.fetched.at(-1);
  assert.match(again.url, /updated_since=2026-01-01T00%3A00%3A05/);
  assert.equal(again.headers["If-None-Match"], '"1"');
});

test("a stream that a proxy holds back is given up after ten seconds", async () => {
  const page = browser();
  page.loseTheSocket();
  page.answers = () => answerOf({ next: null, results: [] });
  page.runNext(10_000);
  await settled();
  assert.equal(page.sources[0].closed, true);
  assert.equal(page.states.at(-1), "polling");
});

test("a socket that answers again replaces what stood in, and its snapshot replaces the state", async () => {
  const page = browser();
  page.loseTheSocket();
  page.sources[0].say(snapshot([row("a", 1), row("b", 1)]));
  page.runNext(15_000);
  assert.equal(page.sources[0].closed, undefined, "the stream goes on while the socket is tried");
  page.sockets.at(-1).drop();
  assert.equal(page.states.at(-1), "sse");
  page.runNext(15_000);
  page.sockets.at(-1).say(snapshot([row("b", 4, { state: "succeeded" }), row("c", 1)]));
  assert.equal(page.states.at(-1), "live");
  assert.equal(page.sources[0].closed, true);
  assert.deepEqual(page.gone, ["a"]);
  assert.deepEqual([...page.feed.model.jobs.values()].map(({ job, seq }) => [job, seq]), [["b", 4], ["c", 1]]);
  assert.deepEqual(page.pending().map(({ wait }) => wait), [60_000], "nothing of the fallback is left");
});

test("while polling, SSE is tried again beside the socket", async () => {
  const page = browser();
  page.loseTheSocket();
  page.answers = () => answerOf({ next: null, results: [row("a", 1)] });
  page.sources[0].onerror();
  await settled();
  page.runNext(15_000);
  page.sockets.at(-1).drop();
  page.sources.at(-1).onerror();
  await settled();
  assert.equal(page.fetched.length, 1, "one poll is waiting for its turn, no second one began");
  page.runNext(15_000);
  page.sockets.at(-1).drop();
  page.sources.at(-1).say(snapshot([row("a", 2)]));
  assert.equal(page.states.at(-1), "sse");
  assert.deepEqual(page.pending().filter(({ wait }) => wait === 2000), []);
});

test("a network that is back is used at once", () => {
  const page = browser();
  page.feed.start();
  page.feed.hurry();
  assert.equal(page.sockets.length, 1, "one socket is being opened already");
  page.sockets[0].drop();
  page.feed.hurry();
  assert.equal(page.sockets.length, 2);
  assert.deepEqual(page.pending().map(({ wait }) => wait), [10_000]);
});

test("a job that a change told only a part of is read, and so is one that has ended", async () => {
  const page = browser();
  page.answers = (url) => answerOf(row(url.split("/")[2], 3, { title: "cat.jpg", state: "succeeded" }));
  page.feed.start();
  const [socket] = page.sockets;
  socket.say(snapshot([row("a", 1, { state: "queued" })]));
  socket.say(change(2));
  await settled();
  assert.deepEqual(page.fetched, [], "a step of a known job is complete");
  socket.say(change(3, { state: "succeeded" }));
  socket.say(change(1, { job: "b", state: "queued" }));
  await settled();
  assert.deepEqual(page.fetched.map(({ url }) => url), ["/jobs/a/", "/jobs/b/"]);
  assert.deepEqual(page.jobs.slice(-2).map(({ job, title }) => [job, title]), [["a", "cat.jpg"], ["b", "cat.jpg"]]);
});

test("a job that is not there any more is gone", async () => {
  const page = browser();
  page.answers = () => ({ ok: false, status: 404 });
  page.feed.start();
  page.sockets[0].say(snapshot([row("a", 1), row("b", 1)]));
  await page.feed.read(["a"]);
  assert.deepEqual(page.gone, ["a"]);
  page.answers = () => ({ ok: false, status: 500 });
  await page.feed.read(["b"]);
  assert.deepEqual([...page.feed.model.jobs.keys()], ["b"]);
});

test("a mark and a cancel request travel beside the progress", () => {
  const model = modelAt(5);
  model.apply(change(5, { ephemeral: true, data: { favourite: true } }));
  model.apply(change(5, { ephemeral: true, data: { cancel_requested: true } }));
  const { favourite, cancel_requested: asked } = model.jobs.get("a");
  assert.deepEqual([favourite, asked], [true, true]);
});

test("a signed-out page stops asking", async () => {
  const page = browser();
  page.feed.start();
  page.sockets[0].drop(4401);
  assert.deepEqual(page.states, ["closed"]);
  assert.deepEqual(page.pending(), []);
});

test("a page whose session ended before its socket opened finds out by polling", async () => {
  const page = browser();
  page.loseTheSocket();
  page.answers = () => ({ ok: false, status: 401 });
  page.sources[0].onerror();
  await settled();
  assert.equal(page.states.at(-1), "closed");
  assert.deepEqual(page.pending(), []);
});
