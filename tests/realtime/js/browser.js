/** A browser for the feed that does only what the test says. */

import { JobFeed } from "../../../static/js/feed-channel.js";

export function browser() {
  const made = { sockets: [], sources: [], fetched: [], timers: [], states: [], jobs: [], gone: [] };
  class WebSocket {
    constructor(url, protocols) {
      Object.assign(this, { url, protocols, sent: [], closed: false });
      made.sockets.push(this);
    }
    send(text) { this.sent.push(JSON.parse(text)); }
    close() { this.closed = true; }
    say(message) { this.onmessage({ data: JSON.stringify(message) }); }
    drop(code = 1006) { this.onclose({ code }); }
  }
  class EventSource {
    constructor(url) { this.url = url; made.sources.push(this); }
    close() { this.closed = true; }
    say(message) { this.onmessage({ data: JSON.stringify(message) }); }
  }
  const io = {
    WebSocket,
    EventSource,
    fetch: async (url, options) => { made.fetched.push({ url, ...options }); return made.answers(url); },
    setTimeout: (action, wait) => made.timers.push({ action, wait }) - 1,
    clearTimeout: (id) => { if (made.timers[id]) made.timers[id].cleared = true; },
    random: () => 0,
  };
  made.answers = () => ({ ok: false, status: 500 });
  made.feed = new JobFeed({
    urls: { socket: "wss://x/ws/v1/feed/", stream: "/stream/", list: "/jobs/" },
    io,
    onJob: (job) => made.jobs.push(job),
    onGone: (job) => made.gone.push(job),
    onState: (state) => made.states.push(state),
  });
  made.pending = () => made.timers.filter((timer) => !timer.cleared && !timer.done);
  /** Let the pending timer of `wait` milliseconds (else the newest) go off. */
  made.runNext = (wait) => {
    const timer = made.pending().filter((each) => wait === undefined || each.wait === wait).at(-1);
    timer.done = true;
    return timer.action();
  };
  /** Three sockets that fail: the feed stands on its first fallback. */
  made.loseTheSocket = () => {
    made.feed.start();
    for (let failure = 0; failure < 3; failure += 1) {
      made.sockets.at(-1).drop();
      if (failure < 2) made.runNext();
    }
  };
  return made;
}

export const snapshot = (jobs, complete = true, gone = []) => ({ type: "snapshot", complete, gone, jobs });
export const change = (seq, more = {}) => ({
  type: "job", job: "a", seq, from_seq: seq, ephemeral: false, state: "running", progress: 0, data: {}, ...more,
});
export const row = (job, seq, more = {}) => ({
  job, seq, state: "running", created_at: "2026-01-01T00:00:00.000000Z",
  updated_at: "2026-01-01T00:00:10.000000Z", ...more,
});
export const answerOf = (body, headers = {}) => ({
  ok: true, status: 200, headers: new Map(Object.entries(headers)), json: async () => body,
});
export const settled = () => new Promise((resolve) => setImmediate(resolve));
