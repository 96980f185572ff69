/**
 * The connection behind <job-feed>: a WebSocket, after three failures server-sent events, after
 * those polling. While one of them stands in, the socket is tried again and again beside it, and
 * takes over with its snapshot.
 */

import { JobModel } from "./job-model.js";
import { JobReads } from "./job-reads.js";

const FAILURES_BEFORE_FALLBACK = 3;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 20_000;
const OPENING_MS = 10_000;
const SILENCE_MS = 60_000;
const POLL_MS = 2_000;
const PROBE_MS = 15_000;
const SIGNED_OUT = 4401;
const RESUME_LIMIT = 100;

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
  #isPolling = false;
  #timers = {};
  #stopped = false;
  #reads;
  #wanted = new Set();
  #isReading = false;

  constructor({ urls, io, onJob, onGone, onState }) {
    this.model = new JobModel();
    this.#urls = urls;
    this.#io = io;
    this.#reads = new JobReads({ list: urls.list, fetch: io.fetch });
    this.onJob = onJob;
    this.onGone = onGone;
    this.onState = onState;
  }

  start() {
    this.#openSocket();
  }

  stop() {
    this.#stopped = true;
    for (const name of Object.keys(this.#timers)) this.#cancel(name);
    this.#socket?.close();
    this.#source?.close();
  }

  /** The network is back: look for the socket now instead of at the next turn. */
  hurry() {
    if (this.#socket || this.#stopped) return;
    this.#cancel("socket");
    this.#openSocket();
  }

  /** Read these jobs again, one request after the other. */
  async read(ids) {
    for (const id of ids) this.#wanted.add(id);
    if (this.#isReading) return;
    this.#isReading = true;
    for (const id of this.#wanted) {
      this.#wanted.delete(id);
      const { job, isGone } = await this.#reads.job(id);
      if (job) this.#takeRows([job]);
      if (isGone) this.#take({ type: "snapshot", complete: false, gone: [id], jobs: [] });
    }
    this.#isReading = false;
  }

  /** Read the jobs in `state` again, in one request. */
  async readState(state) {
    this.#takeRows(await this.#reads.inState(state));
  }

  #openSocket() {
    const socket = new this.#io.WebSocket(this.#urls.socket, ["jobs.v1"]);
    this.#socket = socket;
    this.#watchSilence(OPENING_MS);
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      this.#watchSilence(SILENCE_MS);
      if (message.type === "ping") socket.send(JSON.stringify({ pong: true }));
      if (message.type === "error" && message.code === "resync_required") {
        socket.send(JSON.stringify({ snapshot: true }));
      }
      if (message.type === "snapshot" && message.complete) this.#isLive();
      this.#take(message);
    };
    socket.onclose = ({ code }) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#cancel("silence");
      if (this.#stopped) return;
      if (code === SIGNED_OUT) this.#close();
      else this.#afterFailure();
    };
  }

  /** The socket told everything: what stood in for it ends. */
  #isLive() {
    this.#failures = 0;
    this.#isPolling = false;
    this.#cancel("poll");
    this.#cancel("source");
    this.#source?.close();
    this.#source = null;
    this.onState("live");
  }

  /** A half-open connection looks alive: too long without a word ends it. */
  #watchSilence(milliseconds) {
    const socket = this.#socket;
    this.#later("silence", milliseconds, () => {
      socket.close();
      socket.onclose({ code: 1006 });
    });
  }

  #afterFailure() {
    this.#failures += 1;
    if (this.#source || this.#isPolling) {
      // A probe beside what stands in; while polling, SSE may work again too.
      if (!this.#source) this.#openSource();
    } else if (this.#failures >= FAILURES_BEFORE_FALLBACK) {
      this.#openSource();
    } else {
      this.onState("retrying");
      this.#later("socket", retryDelay(this.#failures, this.#io.random), () => this.#openSocket());
      return;
    }
    this.#later("socket", PROBE_MS, () => this.#openSocket());
  }

  #openSource() {
    const source = new this.#io.EventSource(this.#urls.stream);
    let heard = false;
    this.#source = source;
    // A proxy that buffers the stream leaves it open and silent.
    this.#later("opening", OPENING_MS, () => source.onerror());
    source.onmessage = ({ data }) => {
      if (!heard) {
        this.#cancel("opening");
        this.#isPolling = false;
        this.#cancel("poll");
        this.onState("sse");
      }
      heard = true;
      this.#take(JSON.parse(data));
    };
    source.onerror = () => {
      if (this.#source !== source) return;
      source.close();
      this.#source = null;
      if (this.#stopped) return;
      // The server ends each stream after a while; one that worked is worth opening again.
      if (heard) this.#later("source", retryDelay(1, this.#io.random), () => this.#openSource());
      else if (!this.#isPolling) this.#poll();
    };
  }

  async #poll() {
    this.#isPolling = true;
    const { answer, jobs } = await this.#reads.changes();
    if (!this.#isPolling || this.#stopped) return;
    if (answer === "signed out") {
      this.#close();
      return;
    }
    this.#takeRows(jobs);
    this.onState(answer === "ok" ? "polling" : "retrying");
    const pause = answer === "ok" ? POLL_MS : retryDelay(FAILURES_BEFORE_FALLBACK, this.#io.random);
    this.#later("poll", pause, () => this.#poll());
  }

  #take(message) {
    const { changed, gone, gaps, partial } = this.model.apply(message);
    for (const job of changed) this.onJob(job);
    for (const job of gone) this.onGone(job);
    this.#repair(gaps);
    if (partial.length > 0) this.read(partial);
  }

  #takeRows(jobs) {
    this.#take({ type: "snapshot", complete: false, gone: [], jobs });
  }

  #repair(gaps) {
    const ids = Object.keys(gaps).slice(0, RESUME_LIMIT);
    if (ids.length === 0) return;
    if (this.#socket && !this.#source) this.#socket.send(JSON.stringify({ resume: gaps }));
    else this.read(ids);
  }

  /** One timer of each name; a later one of the same name replaces it. */
  #later(name, milliseconds, action) {
    this.#cancel(name);
    this.#timers[name] = this.#io.setTimeout(() => {
      if (!this.#stopped) action();
    }, milliseconds);
  }

  #cancel(name) {
    this.#io.clearTimeout(this.#timers[name]);
  }

  #close() {
    this.stop();
    this.onState("closed");
  }
}
