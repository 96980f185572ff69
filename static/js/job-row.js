/** One job in the tray: built once, then only what changed is written. */

import { icon } from "./icon.js";
import { act } from "./job-actions.js";
import { isOpen } from "./job-model.js";
import { rowWords } from "./job-words.js";
import { fillRing, ring } from "./ring.js";
import { word } from "./words.js";

const SIGNS = { succeeded: "circle-check", failed: "triangle-alert", cancelled: "ban" };

function element(name, className, ...content) {
  const made = document.createElement(name);
  made.className = className;
  made.append(...content);
  return made;
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export class JobRow {
  #job;
  #heardAt = 0;
  #csrf;
  #onAnswer;
  #isAsking = false;
  #isLanding = false;

  /** `onAnswer(job)` gets each job that the server answers with. */
  constructor({ csrf, onAnswer }) {
    this.#csrf = csrf;
    this.#onAnswer = onAnswer;
    this.image = element("img", "");
    this.image.alt = "";
    this.image.loading = "lazy";
    this.image.addEventListener("error", () => this.#pictureFailed());
    this.image.addEventListener("load", () => this.#pictureCame());
    this.thumb = element("span", "thumb", icon("image"), this.image);
    this.title = element("a", "tray-title");
    this.mark = element("span", "tray-mark");
    this.words = element("span", "");
    const line = element("span", "tray-line", this.mark, this.words);
    this.note = element("p", "tray-note");
    this.note.setAttribute("role", "status");
    this.ring = ring();
    this.sign = element("span", "tray-act-sign");
    this.button = element("button", "tray-act", this.ring, this.sign);
    this.button.type = "button";
    this.button.addEventListener("click", () => this.#ask());
    const text = element("div", "tray-text", this.title, line, this.note);
    this.node = element("li", "tray-row", this.thumb, text, this.button);
  }

  /** Show the job as it is now; a time to the end counts down from here. */
  update(job, now = Date.now()) {
    const before = this.#job;
    this.#job = job;
    if (job.eta_seconds !== before?.eta_seconds || job.state !== before?.state) this.#heardAt = now;
    this.node.dataset.job = job.job;
    this.node.dataset.service = job.service;
    this.node.dataset.state = job.state;
    this.thumb.dataset.service = job.service;
    if (job.state !== before?.state) {
      this.mark.replaceChildren(...(SIGNS[job.state] ? [icon(SIGNS[job.state])] : []));
      this.#isLanding = job.state === "succeeded" && Boolean(before);
    }
    write(this.title, job.title);
    this.title.href = job.page_url;
    this.#showPicture(job.thumbnail_url);
    this.#showButton();
    this.tick(now);
  }

  /** Time has passed: the words that hold it. */
  tick(now = Date.now()) {
    write(this.words, rowWords(this.#job, this.#heardAt, now));
  }

  #showPicture(url) {
    if (url && this.image.getAttribute("src") !== url) this.image.src = url;
    if (!url) this.thumb.classList.remove("has-picture");
  }

  /** A finished job lands: its result takes the place of the original with a small movement. */
  #pictureCame() {
    this.thumb.classList.add("has-picture");
    this.thumb.classList.toggle("is-landing", this.#isLanding);
    this.#isLanding = false;
  }

  /** Links to pictures expire: the job is read again for a new one, once per address. */
  #pictureFailed() {
    this.thumb.classList.remove("has-picture");
    document.dispatchEvent(new CustomEvent("job-wanted", { detail: { job: this.#job.job } }));
  }

  #showButton() {
    const job = this.#job;
    const open = isOpen(job);
    const action = open ? "cancel" : "retry";
    this.ring.toggleAttribute("hidden", !open);
    fillRing(this.ring, job.state === "queued" ? null : job.progress);
    if (this.button.dataset.action !== action) {
      this.button.dataset.action = action;
      this.sign.replaceChildren(icon(open ? "x" : "rotate-cw"));
    }
    const { title } = job;
    this.button.setAttribute("aria-label", open ? word("tray.cancel_job", { title }) : word("tray.retry_job", { title }));
    this.button.title = open ? word("tray.cancel") : word("tray.retry");
    // Not `disabled`: that would take the focus from whoever pressed it by keyboard.
    const rests = this.#isAsking || (open && Boolean(job.cancel_requested));
    this.button.setAttribute("aria-disabled", String(rests));
  }

  async #ask() {
    if (this.button.getAttribute("aria-disabled") === "true") return;
    const { action } = this.button.dataset;
    this.#isAsking = true;
    this.#showButton();
    const { job, error } = await act(action, this.#job.job, { csrf: this.#csrf });
    this.#isAsking = false;
    this.#showButton();
    this.note.classList.toggle("tray-note-bad", Boolean(error));
    if (error) write(this.note, error);
    else if (action === "retry") this.note.replaceChildren(this.#link(job));
    else write(this.note, "");
    if (job) this.#onAnswer(job);
  }

  #link(job) {
    const link = element("a", "tray-again", word("tray.again"));
    link.href = job.page_url;
    return link;
  }
}
