/**
 * <queue-tray popover>: every open job of mine and what ended within a day, newest first.
 *
 * The frame writes its head, its empty state and its places; the rows come from the feed's events
 * on `document`. The browser's popover opens it, closes it on Escape and gives the focus back.
 */

import { JobList, shownJobs } from "./job-list.js";
import { isOpen } from "./job-model.js";
import { JobRow } from "./job-row.js";
import { word } from "./words.js";

const TICK_MS = 1_000;
const PLACES_MS = 10_000;

if (globalThis.customElements && !customElements.get("queue-tray")) {
  customElements.define(
    "queue-tray",
    class extends HTMLElement {
      #list = new JobList((...change) => this.#heard(...change));
      #rows = new Map();
      #frame = 0;
      #timers = [];

      connectedCallback() {
        this.addEventListener("toggle", this);
        this.#list.connect();
      }

      disconnectedCallback() {
        this.#list.disconnect();
        this.#rest();
        cancelAnimationFrame(this.#frame);
      }

      handleEvent({ newState }) {
        if (newState !== "open") {
          this.#rest();
          return;
        }
        this.#draw();
        this.#askForPlaces();
        this.querySelector("h2").focus();
        this.#timers = [
          setInterval(() => this.#tick(), TICK_MS),
          setInterval(() => this.#askForPlaces(), PLACES_MS),
        ];
      }

      #rest() {
        for (const timer of this.#timers) clearInterval(timer);
        this.#timers = [];
      }

      /** One drawing per frame, and none while nobody looks. */
      #heard(what, before, job) {
        cancelAnimationFrame(this.#frame);
        if (!this.matches(":popover-open")) return;
        this.#frame = requestAnimationFrame(() => this.#draw());
        // One that left the queue moves up all that wait behind it.
        if (what === "job" && before?.state === "queued" && job.state !== "queued") this.#askForPlaces();
      }

      #draw() {
        this.#drawFeed();
        const shown = shownJobs([...this.#list.jobs.values()]);
        const list = this.querySelector("ol");
        const wanted = shown.map((job) => this.#rowOf(job).node);
        const kept = new Set(wanted);
        for (const node of [...list.children]) if (!kept.has(node)) this.#drop(node);
        // Moving a node would take the focus from it: only what is out of place is moved.
        wanted.forEach((node, at) => {
          if (list.children[at] !== node) list.insertBefore(node, list.children[at] ?? null);
        });
        this.querySelector(".tray-empty").hidden = shown.length > 0;
        list.hidden = shown.length === 0;
      }

      #rowOf(job) {
        let row = this.#rows.get(job.job);
        if (!row) {
          row = new JobRow({
            csrf: this.querySelector("[name=csrfmiddlewaretoken]").value,
            onAnswer: (answer) => this.#answered(answer),
          });
          if (this.querySelector("ol").children.length > 0) row.node.classList.add("is-new");
          this.#rows.set(job.job, row);
        }
        row.update(job);
        return row;
      }

      /** What the server answered counts as heard, unless the feed was faster. */
      #answered(job) {
        const known = this.#list.jobs.get(job.job);
        if (!known || job.seq >= known.seq) this.#list.jobs.set(job.job, job);
        this.#draw();
      }

      #drop(node) {
        this.#rows.delete(node.dataset.job);
        const hadFocus = node.contains(document.activeElement);
        node.remove();
        if (hadFocus) this.querySelector("h2").focus();
      }

      #drawFeed() {
        const { state } = this.#list;
        const bar = this.querySelector(".tray-feed");
        bar.hidden = ["", "live"].includes(state);
        bar.dataset.feed = state;
        const isOut = state === "closed"; // the link says so and leads back in
        this.querySelector(".tray-feed-words").textContent = bar.hidden || isOut ? "" : word(`feed.${state}`);
        this.querySelector(".tray-sign-in").hidden = !isOut;
      }

      #tick() {
        const now = Date.now();
        for (const row of this.#rows.values()) row.tick(now);
      }

      /** A change of one job does not say how far the others moved up. */
      #askForPlaces() {
        const waits = [...this.#list.jobs.values()].some((job) => isOpen(job) && job.state === "queued");
        if (waits) document.dispatchEvent(new CustomEvent("job-wanted", { detail: { state: "queued" } }));
      }
    },
  );
}
