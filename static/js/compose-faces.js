/**
 * [data-find]: a button, [data-found] for the faces, template[data-found-face], [data-part=state]
 *
 * The faces of the one chosen photo before its run: their thumbnails with a tick each, which
 * become the value of the select `faces`. With several photos the numbers would mean nothing.
 */

import { announce, csrfToken, data, say, sayCount } from "./enhance-words.js";
import { problemText } from "./compose-send.js";

const PAUSE_MS = 500;
const TRIES = 120;

/** The value of the option for these ticks: a word where one fits, else the numbers. */
export function choiceOf(ticks) {
  const chosen = ticks.flatMap((isOn, index) => (isOn ? [index] : []));
  if (chosen.length === ticks.length) return "all";
  return chosen.length ? chosen.join(",") : "none";
}

/** The options of a search: those of the run, for all faces. */
export function searchOptions(options) {
  const { cache, ttl, sync, ...rest } = options;
  return { ...rest, faces: "all" };
}

export class FaceFinder {
  #root;
  #select;
  #options;
  #file = null;
  #round = 0;

  /** `options()` gives the options of the form. */
  constructor(root, select, options) {
    this.#root = root;
    this.#select = select;
    this.#options = options;
    this.#part("button").addEventListener("click", () => this.#find());
    this.#list.addEventListener("change", () => this.#choose());
  }

  get #list() {
    return this.#root.querySelector("[data-found]");
  }

  #part(name) {
    return this.#root.querySelector(`[data-part="${name}"]`);
  }

  /** Tell which photos are chosen now. */
  update(files) {
    const file = files.length === 1 ? files[0] : null;
    this.#root.hidden = file === null;
    if (file === this.#file) return;
    this.#file = file;
    this.#round += 1;
    this.#clear();
  }

  #clear() {
    this.#list.replaceChildren();
    this.#list.hidden = true;
    this.#say("");
    const own = this.#select.querySelector("[data-own]");
    if (!own) return;
    own.remove();
    this.#select.value = "all";
  }

  #say(text) {
    this.#part("state").textContent = text;
    this.#part("state").hidden = !text;
    if (text) announce(text);
  }

  async #find() {
    const round = ++this.#round;
    this.#clear();
    this.#part("button").disabled = true;
    this.#say(say("faces_searching"));
    const answer = await this.#search();
    if (round === this.#round) this.#show(answer);
    this.#part("button").disabled = false;
  }

  /** {status, body} of the finished search; null when the server is out of reach. */
  async #search() {
    const body = new FormData();
    for (const [name, value] of Object.entries(searchOptions(this.#options()))) body.append(name, value);
    body.append("file", this.#file, this.#file.name);
    const headers = { Accept: "application/json", "X-CSRFToken": csrfToken() };
    try {
      let response = await fetch(data.urls.faces, { method: "POST", credentials: "same-origin", headers, body });
      const place = response.headers.get("Location");
      for (let attempt = 0; place && attempt < TRIES; attempt += 1) {
        const found = await response.json();
        if (["succeeded", "failed", "cancelled"].includes(found.state)) return { status: 200, body: found };
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        response = await fetch(place, { credentials: "same-origin", headers });
        if (!response.ok) break;
      }
      return { status: response.status, body: await response.json() };
    } catch {
      return null;
    }
  }

  #show(answer) {
    if (!answer || !answer.body?.faces) {
      const unclear = answer ? say("no_answer", { status: answer.status }) : say("offline");
      this.#say(problemText(answer?.body, unclear));
      return;
    }
    const { faces } = answer.body;
    const template = this.#root.querySelector("template[data-found-face]");
    for (const face of faces) {
      const item = template.content.firstElementChild.cloneNode(true);
      item.querySelector("img").src = face.thumbnail ?? "";
      item.querySelector("span").textContent = say("face_number", { number: face.index + 1 });
      this.#list.append(item);
    }
    this.#list.hidden = faces.length === 0;
    this.#say(faces.length ? sayCount("faces_found", faces.length) : say("faces_none"));
  }

  #choose() {
    const ticks = [...this.#list.querySelectorAll("input")].map(({ checked }) => checked);
    const value = choiceOf(ticks);
    this.#select.querySelector("[data-own]")?.remove();
    if (value !== "all" && value !== "none") {
      const numbers = value.split(",").map((index) => Number(index) + 1).join(", ");
      const own = new Option(say("faces_chosen", { numbers }), value);
      own.dataset.own = "";
      this.#select.append(own);
    }
    this.#select.value = value;
  }
}
