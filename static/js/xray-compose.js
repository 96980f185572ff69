/**
 * <xray-compose>
 *   <form> with an <image-drop>, [data-drafts] and [data-go]; template[data-draft]
 * </xray-compose>
 *
 * Chosen films become cards; each is a request of its own, one after the other. A film that is not
 * accepted explains itself on its card and the others go on. Dispatches `xray-accepted` {study,
 * url, isOnly} for each film that the server took, and `xray-sent` {accepted, hasBad} at the end.
 */

import { readPicture } from "./compose-files.js";
import { RequestKey, problemText, sendPhoto } from "./compose-send.js";
import { csrfToken } from "./enhance-words.js";
import { duration, percent } from "./words.js";
import { announce, data, say, sayCount } from "./xray-words.js";
import { fieldsOf, formatBytes, pauseOf, refusalOf } from "./xray-files.js";

const ACCEPTED = [200, 202];

class Film {
  key = new RequestKey();
  state = "ready";
  #url = "";

  constructor(file, template, onRemove) {
    this.file = file;
    this.card = template.content.firstElementChild.cloneNode(true);
    this.card.querySelector(".draft-name").textContent = file.name;
    this.part("facts").textContent = formatBytes(file.size);
    const remove = this.part("remove");
    remove.setAttribute("aria-label", `${remove.title}: ${file.name}`);
    remove.addEventListener("click", () => onRemove(this));
    const code = refusalOf(file, data);
    if (code) this.complain({ code, detail: say(code, { size: formatBytes(data.max_bytes) }) }, "refused");
  }

  part(name) {
    return this.card.querySelector(`[data-part="${name}"]`);
  }

  async preview() {
    const picture = this.state === "refused" ? null : await readPicture(this.file);
    if (!picture?.url) {
      if (this.state === "ready") this.say(say("no_preview"));
      return;
    }
    this.#url = picture.url;
    const image = this.card.querySelector("img");
    image.src = picture.url;
    image.hidden = false;
    this.card.querySelector(".draft-icon").hidden = true;
  }

  wait() {
    this.state = "waiting";
    this.part("error").hidden = true;
    this.card.removeAttribute("data-bad");
    this.part("remove").disabled = true;
    this.say(say("waiting"));
  }

  progress(share) {
    const bar = this.part("bar");
    bar.hidden = false;
    bar.value = share;
    this.say(say("uploading", { percent: percent(share) }));
  }

  checking() {
    this.part("bar").removeAttribute("value");
    this.say(say("checking"));
  }

  complain({ code, detail }, state) {
    this.state = state;
    this.card.dataset.bad = state;
    this.say("");
    this.part("bar").hidden = true;
    this.part("remove").disabled = false;
    this.part("error").hidden = false;
    this.part("reason").textContent = detail;
    this.part("code").textContent = code ? say("quote", { code }) : "";
  }

  say(text) {
    const state = this.part("state");
    state.hidden = !text;
    state.textContent = text;
  }

  release() {
    if (this.#url) URL.revokeObjectURL(this.#url);
    this.card.remove();
  }
}

if (globalThis.customElements && !customElements.get("xray-compose")) {
  customElements.define(
    "xray-compose",
    class extends HTMLElement {
      #form = null;
      #films = [];
      #isSending = false;

      connectedCallback() {
        if (this.#form) return;
        this.#form = this.querySelector("form");
        this.addEventListener("photos", ({ detail }) => this.add(detail.files));
        this.#form.addEventListener("submit", (event) => this.#onSubmit(event));
      }

      async add(files) {
        const template = this.querySelector("template[data-draft]");
        const fresh = [...files].map((file) => new Film(file, template, (film) => this.#remove(film)));
        this.#films.push(...fresh);
        this.querySelector("[data-drafts]").append(...fresh.map(({ card }) => card));
        this.#changed();
        announce(sayCount("added", fresh.length));
        for (const film of fresh) await film.preview();
      }

      async #onSubmit(event) {
        event.preventDefault();
        const ready = this.#films.filter(({ state }) => state === "ready" || state === "failed");
        if (ready.length === 0) {
          this.querySelector("input[type=file]").click();
          return;
        }
        if (this.#isSending) return;
        this.#isSending = true;
        const fields = fieldsOf(new FormData(this.#form));
        for (const film of ready) film.wait();
        this.#changed();
        const isOnly = this.#films.length === 1; // else a card that explains itself would be left behind
        let accepted = 0;
        try {
          for (const film of ready) if (await this.#sendOne(film, fields, isOnly)) accepted += 1;
        } finally {
          this.#isSending = false;
          this.#changed();
        }
        const hasBad = this.#films.length > 0;
        this.dispatchEvent(new CustomEvent("xray-sent", { detail: { accepted, hasBad }, bubbles: true }));
      }

      async #sendOne(film, fields, isOnly) {
        let answer;
        for (;;) {
          answer = await this.#send(film, fields);
          const pause = answer ? pauseOf(answer) : 0;
          if (!pause) break;
          film.say(say("pause", { time: duration(pause) }));
          await new Promise((resolve) => setTimeout(resolve, pause * 1000));
        }
        if (answer && ACCEPTED.includes(answer.status)) {
          this.#forget(film);
          announce(say(answer.status === 200 ? "known" : "queued", { name: film.file.name }));
          const detail = { study: answer.body.study_id, url: answer.body.page_url, isOnly };
          this.dispatchEvent(new CustomEvent("xray-accepted", { detail, bubbles: true }));
          return true;
        }
        if (answer) film.key.spend();
        const detail = answer ? problemText(answer.body, say("no_answer", { status: answer.status })) : say("offline");
        film.complain({ code: answer?.body?.code ?? "", detail }, answer?.body?.allowed ? "refused" : "failed");
        announce(say("refused", { name: film.file.name, reason: detail }));
        return false;
      }

      async #send(film, fields) {
        try {
          return await sendPhoto({
            url: data.urls.submit,
            options: fields,
            file: film.file,
            token: csrfToken(),
            key: film.key.for(fields),
            onProgress: (share) => film.progress(share),
            onSent: () => film.checking(),
          });
        } catch {
          return null; // out of reach: the same key may come again
        }
      }

      #remove(film) {
        const next = film.card.nextElementSibling ?? film.card.previousElementSibling;
        this.#forget(film);
        announce(say("removed", { name: film.file.name }));
        (next?.querySelector("[data-part=remove]") ?? this.querySelector("[data-choose]"))?.focus();
      }

      #forget(film) {
        film.release();
        this.#films = this.#films.filter((other) => other !== film);
        this.#changed();
      }

      #changed() {
        this.querySelector("[data-drafts]").hidden = this.#films.length === 0;
        this.querySelector("image-drop").toggleAttribute("data-small", this.#films.length > 0);
        const count = this.#films.filter(({ state }) => state === "ready" || state === "failed").length;
        this.querySelector("[data-go] span").textContent = count ? sayCount("analyse", count) : say("analyse");
      }
    },
  );
}
