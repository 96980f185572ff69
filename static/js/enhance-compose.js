/**
 * <enhance-compose>
 *   <form> with an <image-drop>, the options, [data-drafts] and [data-go]; template[data-draft]
 * </enhance-compose>
 *
 * Chosen photos become cards at once; the button says how many and how long; each photo is a
 * request of its own, one after the other, so that the first is at work before the last is
 * here. Several form a batch. A refused photo explains itself on its card and the others go on.
 * Dispatches `enhance-accepted` {task, name, url} for each photo that the server took, and
 * `enhance-batch` {batch} for each batch that it opened.
 */

import { duration } from "./words.js";
import { announce, csrfToken, data, say, sayCount } from "./enhance-words.js";
import { Draft } from "./compose-draft.js";
import { connectPresets } from "./compose-presets.js";
import { Estimates, totalSeconds } from "./compose-estimate.js";
import { connectCamera, wantsDialog } from "./compose-camera.js";
import { FaceFinder } from "./compose-faces.js";
import { Batch, inBatches } from "./compose-batch.js";
import { optionsOf, postJson, problemText, sendPhoto } from "./compose-send.js";

const DEBOUNCE_MS = 300;
const LONGEST_PAUSE_SECONDS = 60;
const ACCEPTED = [200, 202];

/** "Enlarge 3 photos, about 40 s"; without a number where none is known. */
export function buttonText(count, seconds, { words, countWords, time }) {
  if (count === 0) return words.enlarge;
  const action = countWords(count);
  if (seconds === null) return action;
  return words.with_time.replace("%(action)s", action).replace("%(time)s", time(Math.max(1, seconds)));
}

/** Seconds to wait before the same request may come again, or 0 when waiting does not help. */
export function pauseOf({ status, body }) {
  const seconds = status === 429 ? Number(body?.retry_after_seconds ?? 0) : 0;
  return seconds <= LONGEST_PAUSE_SECONDS ? seconds : 0;
}

if (globalThis.customElements && !customElements.get("enhance-compose")) {
  customElements.define(
    "enhance-compose",
    class extends HTMLElement {
      #form = null;
      #list = null;
      #go = null;
      #source = null;
      #drafts = [];
      #queue = [];
      #isSending = false;
      #timer = null;
      #round = 0;
      #faces = null;
      #estimates = new Estimates((body) => postJson(data.urls.estimate, body, csrfToken()));

      connectedCallback() {
        if (this.#form) return;
        this.#form = this.querySelector("form");
        this.#list = this.querySelector("[data-drafts]");
        this.#go = this.querySelector("[data-go] span");
        this.#source = this.#readSource();
        this.addEventListener("photos", ({ detail }) => this.add(detail.files));
        this.#form.addEventListener("submit", (event) => this.#onSubmit(event));
        this.#form.addEventListener("input", (event) => this.#onInput(event));
        this.#connectCamera();
        connectPresets(this.#form, () => this.#estimate());
        const find = this.querySelector("[data-find]");
        const select = this.#form.querySelector("select[name=faces]");
        if (find && select) this.#faces = new FaceFinder(find, select, () => this.#options());
        this.#estimate();
      }

      /** Show `files` as cards and read them one after the other. */
      async add(files) {
        const fresh = [...files].map((file) => this.#draft(file));
        this.#list.append(...fresh.map(({ card }) => card));
        this.#drafts.push(...fresh);
        this.#changed();
        announce(sayCount("added", fresh.length));
        for (const draft of fresh) {
          await draft.read();
          if (draft.state === "refused") this.#announceRefusal(draft);
          this.#changed();
        }
        this.#estimate();
      }

      #draft(file) {
        return new Draft({
          file,
          template: this.querySelector("template[data-draft]"),
          data,
          onRemove: (draft) => this.#remove(draft),
        });
      }

      /** The stored photo of `?from=`: nothing of it has to be uploaded. */
      #readSource() {
        const card = this.querySelector(".compose-source");
        if (!card) return null;
        const { width, height, format } = card.dataset;
        const id = this.#form.querySelector("[name=source]").value;
        return { id, card, plan: null, picture: { width: Number(width), height: Number(height), format } };
      }

      #connectCamera() {
        const isCoarse = matchMedia("(pointer: coarse)").matches;
        if (!wantsDialog({ mediaDevices: navigator.mediaDevices, isCoarse })) return;
        connectCamera({
          button: this.querySelector("[data-camera]"),
          dialog: this.querySelector("[data-camera-dialog]"),
          onPhoto: (file) => this.add([file]),
        });
      }

      #onInput({ target }) {
        if (target.type === "file") return;
        if (target.name === "scale_other" && target.value) {
          this.#form.querySelector("[name=scale][value=other]").checked = true;
        }
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#estimate(), DEBOUNCE_MS);
      }

      #onSubmit(event) {
        if (event.submitter?.hasAttribute("formaction")) return; // a preset is kept or forgotten
        event.preventDefault();
        const ready = this.#drafts.filter(({ isSendable }) => isSendable);
        if (ready.length === 0 && !this.#source) {
          this.querySelector("input[type=file]").click();
          return;
        }
        const options = this.#options();
        for (const drafts of inBatches(ready, data.batch_files)) {
          const batch = drafts.length > 1 ? new Batch({ photos: drafts.length, options }) : null;
          for (const draft of drafts) {
            draft.wait();
            Object.assign(draft, { options, batch });
            this.#queue.push(draft);
          }
        }
        this.#changed();
        this.#work(options);
      }

      #options() {
        return optionsOf(new FormData(this.#form));
      }

      async #work(options) {
        if (this.#isSending) return;
        this.#isSending = true;
        const warn = (event) => event.preventDefault();
        addEventListener("beforeunload", warn);
        try {
          if (this.#source) await this.#runAgain(options);
          while (this.#queue.length) {
            const draft = this.#queue.shift();
            if (draft.batch && (await draft.batch.open())) this.#tellBatch(draft.batch);
            await this.#sendOne(draft);
            if (draft.batch && this.#queue[0]?.batch !== draft.batch) await draft.batch.close();
          }
        } finally {
          this.#isSending = false;
          removeEventListener("beforeunload", warn);
          this.#changed();
        }
      }

      async #sendOne(draft) {
        let answer;
        do {
          answer = await this.#send(draft);
          const pause = answer ? pauseOf(answer) : 0;
          if (!pause) break;
          draft.pause(pause);
          await new Promise((resolve) => setTimeout(resolve, pause * 1000));
        } while (true);
        if (answer === null) {
          draft.fail({ code: "", detail: say("offline") });
        } else if (ACCEPTED.includes(answer.status)) {
          this.#accepted(draft, answer.body.task_id);
          return;
        } else {
          this.#refused(draft, answer);
        }
        this.#announceRefusal(draft);
        this.#changed();
      }

      async #send(draft) {
        try {
          return await sendPhoto({
            url: draft.batch?.url || data.urls.submit,
            options: draft.options,
            file: draft.file,
            token: csrfToken(),
            key: draft.key.for(draft.options),
            onProgress: (share) => draft.progress(share),
            onSent: () => draft.checking(),
          });
        } catch {
          return null; // out of reach: the same key may come again
        }
      }

      /** A file that is no good stays so; anything else may be tried again. */
      #refused(draft, { status, body }) {
        draft.key.spend();
        const detail = problemText(body, say("no_answer", { status }));
        const refusal = { code: body?.code ?? "", detail };
        if (body?.allowed) draft.refuse(refusal);
        else draft.fail(refusal);
      }

      #accepted(draft, task) {
        draft.state = "sent";
        const url = draft.picture?.url ?? "";
        draft.picture = draft.picture && { ...draft.picture, url: "" };
        this.#forget(draft);
        this.#tell(task, { name: draft.file.name, url });
      }

      async #runAgain(options) {
        const { id, card } = this.#source;
        const answer = await postJson(`${data.urls.tasks}${id}/retry`, options, csrfToken());
        if (answer && ACCEPTED.includes(answer.status)) {
          const name = card.querySelector(".draft-name").textContent;
          card.remove();
          this.#form.querySelector("[name=source]").remove();
          this.#source = null;
          history.replaceState(null, "", data.urls.page);
          this.#tell(answer.body.task_id, { name, url: "" });
          return;
        }
        const unclear = answer ? say("no_answer", { status: answer.status }) : say("offline");
        this.#complain(card, problemText(answer?.body, unclear));
      }

      #complain(card, text) {
        let words = card.querySelector(".errorlist");
        if (!words) {
          words = document.createElement("p");
          words.className = "errorlist";
          card.querySelector(".draft-body").append(words);
        }
        words.textContent = text;
        announce(text);
      }

      #tell(task, { name, url }) {
        announce(say("queued", { name }));
        const detail = { task, name, url };
        this.dispatchEvent(new CustomEvent("enhance-accepted", { detail, bubbles: true }));
      }

      #tellBatch({ id }) {
        this.dispatchEvent(new CustomEvent("enhance-batch", { detail: { batch: id }, bubbles: true }));
      }

      #announceRefusal(draft) {
        const reason = draft.part("reason").textContent;
        announce(say("refused", { name: draft.file.name, reason }));
      }

      #remove(draft) {
        const next = draft.card.nextElementSibling ?? draft.card.previousElementSibling;
        draft.release();
        this.#forget(draft);
        announce(say("removed", { name: draft.file.name }));
        (next?.querySelector("[data-part=remove]") ?? this.querySelector("[data-choose]"))?.focus();
      }

      #forget(draft) {
        draft.card.remove();
        this.#drafts = this.#drafts.filter((other) => other !== draft);
        this.#changed();
      }

      /** Ask what each photo would cost; only the newest round counts. */
      async #estimate() {
        this.#round += 1;
        const round = this.#round;
        const options = this.#options();
        const known = [...this.#drafts, this.#source].filter((one) => one?.picture);
        await Promise.all(
          known.map(async (one) => {
            const plan = await this.#estimates.of(options, one.picture);
            if (round !== this.#round) return;
            if (one.planned) one.planned(plan);
            else one.plan = plan;
          }),
        );
        if (round === this.#round) this.#changed();
      }

      #changed() {
        const hasPhotos = this.#drafts.length > 0 || this.#source !== null;
        this.#list.hidden = this.#drafts.length === 0;
        this.#faces?.update(this.#drafts.filter(({ state }) => state !== "refused").map(({ file }) => file));
        this.querySelector("image-drop").toggleAttribute("data-small", hasPhotos);
        const ready = this.#drafts.filter(({ isSendable, state }) => isSendable || state === "reading");
        const counted = this.#source ? [...ready, this.#source] : ready;
        const seconds = totalSeconds(counted.map(({ plan }) => plan));
        const countWords = (count) => sayCount("enlarge", count);
        this.#go.textContent = buttonText(counted.length, seconds, {
          words: data.words,
          countWords,
          time: duration,
        });
      }
    },
  );
}
