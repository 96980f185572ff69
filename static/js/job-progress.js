/**
 * <job-progress job="ID" stages='{"code":"label"}' states='{"queued":"..."}'
 *               counted="%(done)s of %(total)s" reload-on-end>
 *   server-rendered state: the fallback without JavaScript, replaced at the first event
 * </job-progress>
 *
 * Needs a <job-feed> on the page. The bar moves with every event; the live region speaks at a
 * new state and once per 10 %, so that a screen reader is told and not flooded.
 */

const ENDED = new Set(["succeeded", "failed", "cancelled"]);

/** What the live region says for `job`, and a key that changes only when it should speak. */
export function announcement(job, { states, stages, counted }) {
  const state = states[job.state] ?? job.state;
  if (job.state !== "running") return { key: job.state, text: state };
  const percent = Math.floor(job.progress * 10) * 10;
  const stage = stages[job.stage] ?? "";
  const units = job.total > 0 ? counted.replace("%(done)s", job.done).replace("%(total)s", job.total) : "";
  const words = [stage || state, `${percent} %`, units].filter(Boolean);
  return { key: `${job.state} ${job.attempt ?? ""} ${percent}`, text: words.join(" · ") };
}

if (globalThis.customElements && !customElements.get("job-progress")) {
  customElements.define(
    "job-progress",
    class extends HTMLElement {
      #bar = null;
      #text = null;
      #spoken = "";
      #wasOpen = false;

      connectedCallback() {
        document.addEventListener("job", this);
      }

      disconnectedCallback() {
        document.removeEventListener("job", this);
      }

      handleEvent({ detail: job }) {
        if (job.job !== this.getAttribute("job")) return;
        if (!this.#bar) this.#build();
        if (job.state === "queued") this.#bar.removeAttribute("value");
        else this.#bar.value = job.state === "succeeded" ? 1 : job.progress;
        this.setAttribute("state", job.state);
        const { key, text } = announcement(job, this.#words());
        if (key !== this.#spoken) this.#text.textContent = text;
        this.#spoken = key;
        this.#reloadAtTheEnd(job);
      }

      /** Only a job that was seen open: a page of an ended job must not reload for ever. */
      #reloadAtTheEnd(job) {
        const ended = ENDED.has(job.state);
        if (ended && (this.#wasOpen || this.hasAttribute("open")) && this.hasAttribute("reload-on-end")) {
          location.reload();
        }
        this.#wasOpen = !ended;
      }

      #words() {
        const read = (name) => JSON.parse(this.getAttribute(name) ?? "{}");
        return {
          states: read("states"),
          stages: read("stages"),
          counted: this.getAttribute("counted") ?? "%(done)s / %(total)s",
        };
      }

      #build() {
        this.#bar = document.createElement("progress");
        this.#bar.max = 1;
        const label = this.getAttribute("label");
        if (label) this.#bar.setAttribute("aria-label", label);
        this.#text = document.createElement("span");
        this.#text.setAttribute("aria-live", "polite");
        this.replaceChildren(this.#bar, this.#text);
      }
    },
  );
}
