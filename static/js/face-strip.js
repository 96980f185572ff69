/**
 * <face-strip api="/api/v1/enhance/ID/faces" page="/enhance/ID/" job="ID of the blend under way">
 *   <form> with a [data-face] for each face: a box, a switch, a strength; [data-boxes]
 * </face-strip>
 *
 * The faces of one result. Server-rendered; this script sends the form without leaving the page,
 * fetches the result when its blend has ended, and lays the boxes over the canvas.
 */

import { FaceBoxes } from "./face-boxes.js";
import { followJob } from "./job-known.js";
import { fetchPiece } from "./enhance-open.js";
import { announce, csrfToken, say } from "./enhance-words.js";
import { problemText, sendJson } from "./compose-send.js";

const TRIES = 3;
const PAUSE_MS = 500;
const ENDED = new Set(["succeeded", "failed", "cancelled"]);

/** What the form asks for: `[{index, enabled, fidelity}]` with the strength as 0 to 1. */
export function changesOf(rows) {
  return rows.map(({ index, enabled, percent }) => ({
    index,
    enabled,
    fidelity: Math.round(Math.min(100, Math.max(0, percent))) / 100,
  }));
}

if (globalThis.customElements && !customElements.get("face-strip")) {
  customElements.define(
    "face-strip",
    class extends HTMLElement {
      #boxes = null;

      connectedCallback() {
        this.addEventListener("submit", this);
        this.#showBoxes();
        followJob(this.getAttribute("job"), this);
      }

      disconnectedCallback() {
        this.removeEventListener("submit", this);
        document.removeEventListener("job", this);
        this.#boxes?.remove();
      }

      handleEvent(event) {
        if (event.type === "submit") this.#send(event);
        else if (event.detail.job === this.getAttribute("job") && ENDED.has(event.detail.state)) {
          this.#ended();
        }
      }

      part(name) {
        return this.querySelector(`[data-part="${name}"]`);
      }

      async #send(event) {
        event.preventDefault();
        this.part("error").hidden = true;
        this.#busy(true);
        const answer = await sendJson("PATCH", this.getAttribute("api"), { faces: this.#changes() }, csrfToken());
        if (answer?.status === 202) {
          this.setAttribute("job", answer.body.job);
          announce(this.part("busy").textContent.trim());
          followJob(answer.body.job, this); // its end may have come before this answer
          return;
        }
        this.#busy(false);
        if (answer?.status === 200) return announce(say("faces_same"));
        const unclear = answer ? say("no_answer", { status: answer.status }) : say("offline");
        const error = this.part("error");
        error.textContent = problemText(answer?.body, unclear);
        error.hidden = false;
      }

      #changes() {
        const rows = [...this.querySelectorAll("[data-face]")].filter((row) => row.querySelector("[name=enabled]"));
        return changesOf(
          rows.map((row) => ({
            index: Number(row.dataset.face),
            enabled: row.querySelector("[name=enabled]").checked,
            percent: Number(row.querySelector("input[type=number]").value),
          })),
        );
      }

      #busy(isBusy) {
        this.part("busy").hidden = !isBusy;
        for (const control of this.querySelectorAll("form input, form button")) control.disabled = isBusy;
      }

      /** The server draws the new result; the event may be a moment ahead of it. */
      async #ended() {
        this.removeAttribute("job");
        const article = this.closest("#enhancement");
        for (let attempt = 1; attempt <= TRIES; attempt += 1) {
          const fresh = await fetchPiece(this.getAttribute("page"), "#enhancement");
          if (fresh && !fresh.querySelector("face-strip[job]")) {
            const hadFocus = this.contains(document.activeElement) || document.activeElement === document.body;
            article.replaceWith(fresh);
            if (hadFocus) fresh.querySelector("face-strip [data-go]")?.focus({ preventScroll: true });
            announce(say("faces_changed"));
            return;
          }
          await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * attempt));
        }
        announce(say("save_failed"));
      }

      #showBoxes() {
        const canvas = this.closest("#enhancement")?.querySelector("image-canvas");
        const toggle = this.querySelector("[data-boxes]");
        if (!canvas || !toggle) return;
        const faces = [...this.querySelectorAll("[data-face]")].map((row) => ({
          row,
          number: Number(row.dataset.face) + 1,
          box: row.dataset.box.split(" ").map(Number),
        }));
        this.#boxes = new FaceBoxes(canvas, faces);
        toggle.addEventListener("change", () => this.#boxes.show(toggle.checked));
        this.#boxes.show(toggle.checked);
      }
    },
  );
}
