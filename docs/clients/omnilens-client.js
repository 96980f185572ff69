/**
 * A client of the Enhance API for browsers and Node: this one file, nothing to install.
 *
 *   const client = new Omnilens({ url: "https://photos.example.org", token });
 *   const task = await client.submit(file, { scale: 2 });
 *   const done = await client.follow(task, { onProgress: (now) => bar.value = now.progress });
 *   image.src = URL.createObjectURL(await client.download(done));
 *
 * `token` is an API token (`omni_...`), the access token of a sign-in, or an async function that
 * returns one. It travels in a header; the live feed is opened with a ticket that is good once.
 */

const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 5_000;
const PAUSE_GROWTH = 1.5;
const LIVE_PAUSE_MS = 30_000; // while the feed is live, ask anyway now and then
const SILENCE_MS = 60_000; // the server pings every 25 seconds
const RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;
const LOST_ANSWERS = 5;
const ENDED_STATES = new Set(["succeeded", "failed", "cancelled"]);
const ENDED = new Set(["completed", "failed", "cancelled"]);

function browserIo() {
  return {
    fetch: (...request) => globalThis.fetch(...request),
    WebSocket: globalThis.WebSocket, // absent in Node 20: then the client asks by itself
    setTimeout: (action, milliseconds) => globalThis.setTimeout(action, milliseconds),
    clearTimeout: (timer) => globalThis.clearTimeout(timer),
    now: () => Date.now(),
  };
}

/** A refusal, or a task that did not succeed: `code` is stable, `detail` is for people. */
export class OmnilensError extends Error {
  constructor({ status, code, detail }) {
    super(`${code}: ${detail}`);
    Object.assign(this, { name: "OmnilensError", status, code, detail });
  }
}

export class Omnilens {
  #url;
  #token;
  #io;
  #feed;

  constructor({ url, token, io = browserIo() }) {
    this.#url = new URL(`${url.replace(/\/+$/, "")}/`);
    this.#token = token;
    this.#io = io;
    this.#feed = new Feed({ url: this.#url, io, ticket: () => this.#ticket() });
  }

  /** Hand a File or Blob in; the browser reads it from disk while it sends. Resolves to the task. */
  async submit(file, options = {}, { signal, key = randomKey() } = {}) {
    const form = new FormData();
    for (const [name, value] of Object.entries(options)) form.append(name, String(value));
    form.append("file", file, file.name ?? "photo");
    return this.#json("POST", "api/v1/enhance", { body: form, signal, headers: { "Idempotency-Key": key } });
  }

  /** The task as it is now. */
  status(task, { signal } = {}) {
    return this.#json("GET", `api/v1/status/${idOf(task)}`, { signal });
  }

  /**
   * Resolve to the completed task; reject when it fails, is cancelled or `signal` aborts.
   *
   * The row of the server is the truth. Between two questions the feed tells what changed; where
   * there is no feed, the questions come more often.
   */
  async follow(task, { onProgress, signal } = {}) {
    let pause = FIRST_PAUSE_MS;
    let lost = 0;
    let now = typeof task === "string" ? { task_id: task, seq: 0 } : task;
    for (;;) {
      try {
        now = await this.status(task, { signal });
        lost = 0;
      } catch (error) {
        lost += 1;
        if (signal?.aborted || lost > LOST_ANSWERS || !mayPass(error)) throw error;
      }
      if (lost === 0) onProgress?.(now);
      if (ENDED.has(now.status)) return completed(now);
      await this.#feed.next(now, {
        pause,
        signal,
        onChange: ({ stage, progress, done, total, eta_seconds }) =>
          onProgress?.({ ...now, status: "processing", stage, progress, done, total, eta_seconds }),
      });
      pause = Math.min(pause * PAUSE_GROWTH, LAST_PAUSE_MS);
    }
  }

  /** The result of a completed task as a Blob. */
  async download(task, { signal } = {}) {
    const answer = await this.#send("GET", `api/v1/download/${idOf(task)}`, { signal });
    return answer.blob();
  }

  /** Submit, follow and download; resolves to `{task, blob}`. */
  async enhance(file, options = {}, { onProgress, signal } = {}) {
    const task = await this.follow(await this.submit(file, options, { signal }), { onProgress, signal });
    return { task, blob: await this.download(task, { signal }) };
  }

  /**
   * Send file after file and yield `{file, task, blob}` or `{file, error}` in the order in which
   * they end: the first may come while the last is still being sent.
   */
  async *enhanceMany(files, options = {}, { onProgress, signal } = {}) {
    const running = new Set(); // one promise for each task, of {ended, result}
    const finish = async (file, task) => {
      try {
        const done = await this.follow(task, { onProgress: (now) => onProgress?.(file, now), signal });
        return { file, task: done, blob: await this.download(done, { signal }) };
      } catch (error) {
        return { file, error };
      }
    };
    const waiting = [...files];
    let sending = null; // a promise of {file, task} or {result}
    while (waiting.length || sending || running.size) {
      if (!sending && waiting.length) {
        const file = waiting.shift();
        sending = this.submit(file, options, { signal }).then(
          (task) => ({ file, task }),
          (error) => ({ result: { file, error } }),
        );
      }
      const next = await Promise.race([...running, ...(sending ? [sending] : [])]);
      if (next.ended) running.delete(next.ended);
      else sending = null;
      if (next.task) {
        const ended = finish(next.file, next.task).then((result) => ({ ended, result }));
        running.add(ended);
      } else {
        yield next.result;
      }
    }
  }

  /** Stop the task; it ends after its present tile. */
  cancel(task) {
    return this.#json("POST", `api/v1/tasks/${idOf(task)}/cancel`);
  }

  /** Remove the task with its files. */
  async remove(task) {
    await this.#send("DELETE", `api/v1/tasks/${idOf(task)}`);
  }

  async #ticket() {
    return (await this.#json("POST", "api/v1/ws-tickets/")).ticket;
  }

  async #json(method, path, request) {
    return (await this.#send(method, path, request)).json();
  }

  async #send(method, path, { headers = {}, ...request } = {}) {
    const token = typeof this.#token === "function" ? await this.#token() : this.#token;
    const scheme = token.startsWith("omni_") ? "Token" : "Bearer";
    const answer = await this.#io.fetch(new URL(path, this.#url), {
      method,
      ...request,
      headers: { Accept: "application/json, */*", Authorization: `${scheme} ${token}`, ...headers },
    });
    if (!answer.ok) throw await refusal(answer);
    return answer;
  }
}

/** One socket for all tasks that are followed; without one, `next` is a pause. */
class Feed {
  #url;
  #io;
  #ticket;
  #socket = null;
  #isLive = false;
  #heardAt = 0;
  #failures = 0;
  #retryAt = 0;
  #watchers = new Set();

  constructor({ url, io, ticket }) {
    this.#url = new URL("ws/v1/feed/", url);
    this.#url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.#io = io;
    this.#ticket = ticket;
  }

  /** Resolves when `task` has ended, when something may have been missed, or after a while. */
  next({ job, seq }, { pause, signal, onChange }) {
    return new Promise((resolve, reject) => {
      const watcher = { job, seq, onChange, wake: () => finish(resolve) };
      const abort = () => finish(() => reject(signal.reason));
      const finish = (settle) => {
        this.#io.clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        this.#watchers.delete(watcher);
        // A moment later, so that a task that asks and comes back keeps the socket.
        if (this.#socket) this.#io.setTimeout(() => this.#closeUnwatched(), LAST_PAUSE_MS);
        settle();
      };
      if (this.#isLive && this.#io.now() - this.#heardAt > SILENCE_MS) this.#fail(this.#socket);
      this.#watchers.add(watcher);
      const timer = this.#io.setTimeout(watcher.wake, this.#isLive ? LIVE_PAUSE_MS : pause);
      signal?.addEventListener("abort", abort);
      if (signal?.aborted) abort();
      else this.#open();
    });
  }

  async #open() {
    if (this.#socket || !this.#io.WebSocket || this.#io.now() < this.#retryAt) return;
    const opening = {};
    this.#socket = opening;
    try {
      const ticket = await this.#ticket();
      const socket = new this.#io.WebSocket(this.#url.href, ["jobs.v1", `ticket.${ticket}`]);
      this.#socket = socket;
      socket.onmessage = ({ data }) => this.#hear(socket, JSON.parse(data));
      socket.onclose = () => this.#fail(socket);
    } catch {
      this.#fail(opening); // whoever follows a task asks by itself, and hears of a real refusal there
    }
  }

  #hear(socket, message) {
    if (socket !== this.#socket) return;
    this.#heardAt = this.#io.now();
    if (message.type === "ping") socket.send(JSON.stringify({ pong: true }));
    if (message.type === "snapshot") {
      this.#isLive = true;
      this.#failures = 0;
      this.#wakeAll(); // what changed before the feed was live is in the rows
    }
    if (message.type !== "job") return;
    for (const watcher of [...this.#watchers].filter(({ job }) => job === message.job)) {
      if (message.seq < watcher.seq) continue;
      watcher.seq = message.seq;
      if (ENDED_STATES.has(message.state)) watcher.wake();
      else if (message.state === "running") watcher.onChange(message);
    }
  }

  #fail(socket) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    this.#isLive = false;
    this.#retryAt = this.#io.now() + Math.min(LAST_RETRY_MS, RETRY_MS * 2 ** this.#failures);
    this.#failures += 1;
    socket.close?.();
    this.#wakeAll();
  }

  #wakeAll() {
    for (const watcher of [...this.#watchers]) watcher.wake();
  }

  #closeUnwatched() {
    if (this.#watchers.size || !this.#socket?.close) return;
    const socket = this.#socket;
    this.#socket = null;
    this.#isLive = false;
    socket.close();
  }
}

/** Whether asking again may help: no network, a busy server, a server that restarts. */
function mayPass(error) {
  return !(error instanceof OmnilensError) || error.status === 429 || error.status >= 500;
}

function completed(task) {
  if (task.status === "completed") return task;
  const { code, detail } = task.error ?? { code: task.status, detail: task.message };
  throw new OmnilensError({ status: 200, code, detail });
}

async function refusal(answer) {
  const problem = await answer.json().catch(() => ({}));
  return new OmnilensError({
    status: answer.status,
    code: problem.code ?? `http_${answer.status}`,
    detail: problem.detail ?? answer.statusText,
  });
}

function idOf(task) {
  return typeof task === "string" ? task : task.task_id;
}

function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
