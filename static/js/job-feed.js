/**
 * <job-feed>: keeps this page's view of the user's jobs equal to the server's.
 *
 * Put one on a page. It listens on a WebSocket, after three failures on server-sent events,
 * after those on polling, and says so. On `document` it dispatches
 *   `job`         detail: the job as it is now (docs/api/websocket.md)
 *   `job-gone`    detail: {job}
 *   `feed-state`  detail: {state: "live" | "retrying" | "sse" | "polling" | "closed"}
 * and mirrors the state in its own `state` attribute.
 */

const FAILURES_BEFORE_FALLBACK = 3;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 20_000;
const SILENCE_MS = 60_000;
const POLL_MS = 2_000;
const POLLS_BEFORE_SOCKET = 30;
const POLL_OVERLAP_MS = 5_000;
const POLL_PAGES = 10;
const SIGNED_OUT = 4401;
const RESUME_LIMIT = 100;

/** The rule of the protocol, without any network: `{job: seq}` and what to do with a message. */
export class JobModel {
  jobs = new Map();

  /** Returns `{changed: [job], gone: [id], gaps: {id: known seq}}`. */
  apply(message) {
    if (message.type === "snapshot") return this.#applySnapshot(message);
    if (message.type === "job") return this.#applyChange(message);
    return { changed: [], gone: [], gaps: {} };
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
    return { changed, gone: [...absent], gaps: {} };
  }

  #applyChange(message) {
    const { job: id, seq, from_seq: fromSeq, ephemeral } = message;
    const known = this.#known(id);
    const isProgress = ephemeral && seq === known;
    if (!isProgress && seq <= known) return { changed: [], gone: [], gaps: {} };
    if (!isProgress && fromSeq > known + 1) {
      return { changed: [], gone: [], gaps: { [id]: known } };
    }
    const job = { ...this.jobs.get(id), ...message };
    this.jobs.set(id, job);
    return { changed: [job], gone: [], gaps: {} };
  }

  #known(id) {
    return this.jobs.get(id)?.seq ?? 0;
  }
}

/** Milliseconds before attempt `failures` (1, 2, ...): doubling, capped, halved at random. */
export function retryDelay(failures, random) {
  const full = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures);
  return Math.max(FIRST_RETRY_MS, full * (0.5 + random() / 2));
}

/** Socket, then server-sent events, then polling; `io` holds what a browser offers. */
export class JobFeed {
  #io;
  #urls;
  #failures = 0;
  #socket = null;
  #source = null;
  #timer = null;
  #silence = null;
  #stopped = false;
  #newest = "";
  #etag = "";

  constructor({ urls, io, onJob, onGone, onState }) {
    this.model = new JobModel();
    this.#urls = urls;
    this.#io = io;
    this.onJob = onJob;
    this.onGone = onGone;
    this.onState = onState;
  }

  start() {
    this.#openSocket();
  }

  stop() {
    this.#stopped = true;
    this.#io.clearTimeout(this.#timer);
    this.#io.clearTimeout(this.#silence);
    this.#socket?.close();
    this.#source?.close();
  }

  #openSocket() {
    const socket = new this.#io.WebSocket(this.#urls.socket, ["jobs.v1"]);
    this.#socket = socket;
    this.#watchSilence();
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      this.#watchSilence();
      if (message.type === "ping") socket.send(JSON.stringify({ pong: true }));
      if (message.type === "error" && message.code === "resync_required") {
        socket.send(JSON.stringify({ snapshot: true }));
      }
      if (message.type === "snapshot" && message.complete) {
        this.#failures = 0;
        this.onState("live");
      }
      this.#take(message);
    };
    socket.onclose = ({ code }) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#io.clearTimeout(this.#silence);
      if (code === SIGNED_OUT) this.#close();
      else this.#afterFailure();
    };
  }

  /** A half-open connection looks alive: 60 s without a word end it. */
  #watchSilence() {
    const socket = this.#socket;
    this.#io.clearTimeout(this.#silence);
    this.#silence = this.#io.setTimeout(() => {
      socket.close();
      socket.onclose({ code: 1006 });
    }, SILENCE_MS);
  }

  #afterFailure() {
    if (this.#stopped) return;
    this.#failures += 1;
    if (this.#failures >= FAILURES_BEFORE_FALLBACK) {
      this.#openSource();
      return;
    }
    this.onState("retrying");
    this.#later(() => this.#openSocket(), retryDelay(this.#failures, this.#io.random));
  }

  #openSource() {
    const source = new this.#io.EventSource(this.#urls.stream);
    let heard = false;
    this.#source = source;
    source.onmessage = ({ data }) => {
      if (!heard) this.onState("sse");
      heard = true;
      this.#take(JSON.parse(data));
    };
    source.onerror = () => {
      if (this.#source !== source) return;
      source.close();
      this.#source = null;
      if (this.#stopped) return;
      // The server ends each stream after a while; a stream that worked earns a new socket.
      this.#failures = FAILURES_BEFORE_FALLBACK - 1;
      if (heard) this.#later(() => this.#openSocket(), retryDelay(1, this.#io.random));
      else this.#poll(POLLS_BEFORE_SOCKET);
    };
  }

  async #poll(left) {
    if (this.#stopped) return;
    if (left === 0) {
      this.#openSocket();
      return;
    }
    const answer = await this.#fetchChanges();
    if (answer === "signed out") {
      this.#close();
      return;
    }
    this.onState(answer === "ok" ? "polling" : "retrying");
    const pause = answer === "ok" ? POLL_MS : retryDelay(FAILURES_BEFORE_FALLBACK, this.#io.random);
    this.#later(() => this.#poll(left - 1), pause);
  }

  async #fetchChanges() {
    let url = `${this.#urls.list}?ordering=-updated_at&page_size=100`;
    if (this.#newest) {
      const since = new Date(Date.parse(this.#newest) - POLL_OVERLAP_MS).toISOString();
      url += `&updated_since=${encodeURIComponent(since)}`;
    }
    const first = url;
    for (let page = 0; url && page < POLL_PAGES; page += 1) {
      const response = await this.#get(url, url === first ? this.#etag : "");
      if (response === null) return "failed";
      if (response.status === 304) return "ok";
      if (response.status === 401 || response.status === 403) return "signed out";
      if (!response.ok) return "failed";
      const { results, next } = await response.json();
      if (url === first) this.#etag = response.headers.get("ETag") ?? "";
      this.#take({ type: "snapshot", complete: false, gone: [], jobs: results });
      for (const { updated_at: at } of results) if (at > this.#newest) this.#newest = at;
      url = this.#newest ? next : null;
    }
    return "ok";
  }

  async #get(url, etag) {
    const headers = { Accept: "application/json", ...(etag && { "If-None-Match": etag }) };
    try {
      return await this.#io.fetch(url, { headers, credentials: "same-origin" });
    } catch {
      return null; // the network is away; the caller waits and asks again
    }
  }

  #take(message) {
    const { changed, gone, gaps } = this.model.apply(message);
    for (const job of changed) this.onJob(job);
    for (const job of gone) this.onGone(job);
    this.#repair(gaps);
  }

  #repair(gaps) {
    const ids = Object.keys(gaps).slice(0, RESUME_LIMIT);
    if (ids.length === 0) return;
    if (this.#socket) this.#socket.send(JSON.stringify({ resume: gaps }));
    else for (const id of ids) this.#fetchJob(id);
  }

  async #fetchJob(id) {
    const response = await this.#get(`${this.#urls.list}${id}/`, "");
    if (!response?.ok) return;
    this.#take({ type: "snapshot", complete: false, gone: [], jobs: [await response.json()] });
  }

  #later(action, milliseconds) {
    this.#timer = this.#io.setTimeout(() => {
      if (!this.#stopped) action();
    }, milliseconds);
  }

  #close() {
    this.#stopped = true;
    this.onState("closed");
  }
}

function browserIo() {
  return {
    WebSocket: globalThis.WebSocket,
    EventSource: globalThis.EventSource,
    fetch: (...request) => globalThis.fetch(...request),
    setTimeout: (action, milliseconds) => globalThis.setTimeout(action, milliseconds),
    clearTimeout: (timer) => globalThis.clearTimeout(timer),
    random: Math.random,
  };
}

if (globalThis.customElements && !customElements.get("job-feed")) {
  customElements.define(
    "job-feed",
    class extends HTMLElement {
      #feed = null;

      connectedCallback() {
        const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
        const scheme = location.protocol === "https:" ? "wss:" : "ws:";
        this.#feed = new JobFeed({
          urls: {
            socket: `${scheme}//${location.host}${this.getAttribute("socket") ?? "/ws/v1/feed/"}`,
            stream: this.getAttribute("stream") ?? "/api/v1/jobs/stream/",
            list: this.getAttribute("list") ?? "/api/v1/jobs/",
          },
          io: browserIo(),
          onJob: (job) => tell("job", job),
          onGone: (job) => tell("job-gone", { job }),
          onState: (state) => {
            this.setAttribute("state", state);
            tell("feed-state", { state });
          },
        });
        this.#feed.start();
      }

      disconnectedCallback() {
        this.#feed.stop();
      }
    },
  );
}
