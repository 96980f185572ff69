/**
 * <job-feed>: keeps this page's view of the user's jobs equal to the server's.
 *
 * Put one on a page. It listens on a WebSocket, after three failures on server-sent events, after
 * those on polling, says so, and returns to the socket as soon as that answers again. On
 * `document` it dispatches
 *   `job`         detail: the job as it is now (docs/api/websocket.md)
 *   `job-gone`    detail: {job}
 *   `feed-state`  detail: {state: "live" | "retrying" | "sse" | "polling" | "closed"}
 * and hears
 *   `job-wanted`  detail: {job} or {state}: read this job, or those in this state, again
 * The state is mirrored in its own `state` attribute.
 */

import { JobFeed } from "./feed-channel.js";

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
            if (state === this.getAttribute("state")) return;
            this.setAttribute("state", state);
            tell("feed-state", { state });
          },
        });
        document.addEventListener("job-wanted", this);
        window.addEventListener("online", this);
        this.#feed.start();
      }

      disconnectedCallback() {
        document.removeEventListener("job-wanted", this);
        window.removeEventListener("online", this);
        this.#feed.stop();
      }

      /** What is known so far, for a script that came later. */
      get jobs() {
        return [...this.#feed.model.jobs.values()];
      }

      handleEvent({ type, detail }) {
        if (type === "online") this.#feed.hurry();
        else if (detail.job) this.#feed.read([detail.job]);
        else this.#feed.readState(detail.state);
      }
    },
  );
}
