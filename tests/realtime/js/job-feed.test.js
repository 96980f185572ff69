import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

async function load(name) {
  const source = readFileSync(new URL(`../../../static/js/${name}`, import.meta.url));
  return import(`data:text/javascript;base64,${source.toString("base64")}`);
}

const { JobFeed, JobModel, retryDelay } = await load("job-feed.js");
const { announcement } = await load("job-progress.js");

const snapshot = (jobs, complete = true, gone = []) => ({ type: "snapshot", complete, gone, jobs });
const change = (seq, more = {}) => ({
  type: "job", job: "a", seq, from_seq: seq, ephemeral: false, state: "running", progress: 0, ...more,
});

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

/** A browser that does only what the test says. */
function browser() {
  const made = { sockets: [], sources: [], fetched: [], timers: [], states: [], jobs: [] };
  class WebSocket {
    constructor(url, protocols) {
      Object.assign(this, { url, protocols, sent: [], closed: false });
      made.sockets.push(this);
    }
    send(text) { this.sent.push(JSON.parse(text)); }
    close() { this.closed = true; }
    say(message) { this.onmessage({ data: JSON.stringify(message) }); }
  }
  class EventSource {
    constructor(url) { this.url = url; made.sources.push(this); }
    close() { this.closed = true; }
  }
  const io = {
    WebSocket,
    EventSource,
    fetch: async (url, options) => { made.fetched.push({ url, ...options }); return made.answer; },
    setTimeout: (action, wait) => made.timers.push({ action, wait }) - 1,
    clearTimeout: (id) => { if (made.timers[id]) made.timers[id].cleared = true; },
    random: () => 0,
  };
  made.feed = new JobFeed({
    urls: { socket: "wss://x/ws/v1/feed/", stream: "/stream/", list: "/jobs/" },
    io,
    onJob: (job) => made.jobs.push(job),
    onGone: () => {},
    onState: (state) => made.states.push(state),
  });
  made.pending = () => made.timers.filter((timer) => !timer.cleared && !timer.done);
  made.runNext = () => {
    const timer = made.pending().at(-1);
    timer.done = true;
    return timer.action();
  };
  return made;
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

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

test("sixty seconds of silence end a half-open socket", () => {
  const page = browser();
  page.feed.start();
  assert.equal(page.pending()[0].wait, 60_000);
  page.runNext();
  assert.equal(page.sockets[0].closed, true);
  assert.deepEqual(page.states, ["retrying"]);
});

test("three failures fall back to SSE, and a dead SSE to polling", async () => {
  const page = browser();
  page.feed.start();
  for (let failure = 0; failure < 3; failure += 1) {
    page.sockets.at(-1).onclose({ code: 1006 });
    if (failure < 2) page.runNext();
  }
  assert.equal(page.sockets.length, 3);
  const [source] = page.sources;
  source.onmessage({ data: JSON.stringify(snapshot([{ job: "a", seq: 1 }])) });
  assert.equal(page.states.at(-1), "sse");
  source.onerror();
  page.runNext();
  page.sockets.at(-1).onclose({ code: 1006 });
  page.answer = {
    ok: true, status: 200, headers: new Map([["ETag", '"1"']]),
    json: async () => ({ next: null, results: [{ job: "a", seq: 2, updated_at: "2026-01-01T00:00:10.000000Z" }] }),
  };
  page.sources.at(-1).onerror();
  await settled();
  assert.equal(page.states.at(-1), "polling");
  assert.equal(page.feed.model.jobs.get("a").seq, 2);
  page.answer = { ok: false, status: 304 };
  await page.runNext();
  const again = page.fetched.at(-1);
  assert.match(again.url, /updated_since=2026-01-01T00%3A00%3A05/);
  assert.equal(again.headers["If-None-Match"], '"1"');
});

test("a signed-out page stops asking", async () => {
  const page = browser();
  page.feed.start();
  page.sockets[0].onclose({ code: 4401 });
  assert.deepEqual(page.states, ["closed"]);
  assert.deepEqual(page.pending(), []);
});

test("the live region speaks once per ten percent and at a new state", () => {
  const words = { states: { queued: "Waiting" }, stages: { tiles: "Enlarging" }, counted: "%(done)s of %(total)s tiles" };
  const at = (progress) => announcement({ state: "running", stage: "tiles", progress, done: 3, total: 9 }, words);
  assert.equal(at(0.31).key, at(0.39).key);
  assert.notEqual(at(0.39).key, at(0.4).key);
  assert.equal(at(0.31).text, "Enlarging · 30 % · 3 of 9 tiles");
  assert.equal(announcement({ state: "queued" }, words).text, "Waiting");
});
