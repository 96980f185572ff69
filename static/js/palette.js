/**
 * The command palette (Ctrl or Cmd K): jump to a page or a recent job, act, change language.
 *
 * Pages and acts come with the page (project/web/palette.py); jobs are asked for at the first
 * opening and kept fresh by the `job` events of the feed.
 */

import { icon } from "./icon.js";
import { rank, step } from "./palette-match.js";
import { registerShortcut } from "./shortcuts.js";
import { stateWord } from "./words.js";

const RECENT = "/api/v1/jobs/?page_size=20";
const LISTED_JOBS = 20;
const JOBS_WITHOUT_QUERY = 5;

/** A job as an entry; `group` is the heading that jobs stand under. */
export function jobEntry(job, group) {
  return {
    group,
    label: job.title || job.kind,
    icon: "image",
    url: job.page_url || `/jobs/${job.job}/`,
    service: job.service ?? "",
    note: stateWord(job),
  };
}

/** The newest jobs first, at most `limit`. */
export function newest(jobs, limit) {
  return [...jobs]
    .sort((one, other) => other.created_at.localeCompare(one.created_at))
    .slice(0, limit);
}

/** The entries with `jobs` in the place that is kept for them. */
export function withJobs(entries, jobs) {
  return entries.flatMap((entry) =>
    entry.url || entry.press ? [entry] : jobs.map((job) => jobEntry(job, entry.group)),
  );
}

class Palette {
  #jobs = new Map();
  #asked = false;
  #entries = [];
  #index = 0;

  constructor(dialog, entries) {
    this.dialog = dialog;
    this.fixed = entries;
    this.input = dialog.querySelector("input");
    this.list = dialog.querySelector("[role=listbox]");
    this.status = dialog.querySelector("[role=status]");
    this.input.addEventListener("input", () => this.#show());
    this.input.addEventListener("keydown", (event) => this.#onKey(event));
    this.list.addEventListener("click", (event) => this.#onClick(event));
    this.list.addEventListener("mousemove", (event) => this.#onMove(event));
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close(); // the backdrop
    });
    document.addEventListener("job", ({ detail }) => this.#take([detail]));
    document.addEventListener("job-gone", ({ detail }) => this.#jobs.delete(detail.job));
  }

  toggle() {
    if (this.dialog.open) {
      this.dialog.close();
      return;
    }
    this.input.value = "";
    this.#show();
    this.dialog.showModal();
    this.input.focus();
    this.#ask();
  }

  async #ask() {
    if (this.#asked) return;
    this.#asked = true;
    try {
      const answer = await fetch(RECENT, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new TypeError(String(answer.status));
      this.#take((await answer.json()).results);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      this.#asked = false; // pages and acts remain; the next opening asks again
    }
    if (this.dialog.open) this.#show();
  }

  #take(jobs) {
    for (const job of jobs) this.#jobs.set(job.job, { ...this.#jobs.get(job.job), ...job });
  }

  #show() {
    const query = this.input.value;
    const limit = query.trim() ? LISTED_JOBS : JOBS_WITHOUT_QUERY;
    const known = [...this.#jobs.values()].filter((job) => job.created_at);
    this.#entries = rank(withJobs(this.fixed, newest(known, limit)), query);
    this.list.replaceChildren(...groupsOf(this.#entries));
    this.#mark(this.#entries.length > 0 ? 0 : -1);
    this.status.textContent = this.#counted(query);
  }

  #counted(query) {
    const { none, one, many } = this.dialog.dataset;
    const count = this.#entries.length;
    if (count === 0) return none;
    if (query.trim() === "") return "";
    return count === 1 ? one : many.replace("%(n)s", count);
  }

  #mark(index) {
    this.#index = index;
    const options = this.list.querySelectorAll("[role=option]");
    options.forEach((option, place) => {
      option.setAttribute("aria-selected", String(place === index));
    });
    const marked = options[index];
    if (marked) this.input.setAttribute("aria-activedescendant", marked.id);
    else this.input.removeAttribute("aria-activedescendant");
    marked?.scrollIntoView({ block: "nearest" });
  }

  #onKey(event) {
    if (event.isComposing) return; // Enter accepts the input method's proposal
    if (event.key === "Enter") {
      event.preventDefault();
      this.#run(this.#entries[this.#index]);
      return;
    }
    const next = step(event.key, this.#index, this.#entries.length);
    if (next === this.#index || next < 0) return;
    event.preventDefault();
    this.#mark(next);
  }

  #onClick({ target }) {
    const option = target.closest("[role=option]");
    if (option) this.#run(this.#entries[Number(option.dataset.index)]);
  }

  #onMove({ target }) {
    const option = target.closest("[role=option]");
    if (option && Number(option.dataset.index) !== this.#index) {
      this.#mark(Number(option.dataset.index));
    }
  }

  #run(entry) {
    if (!entry) return;
    this.dialog.close();
    if (entry.url) location.assign(entry.url);
    else document.getElementById(entry.press)?.click();
  }
}

function groupsOf(entries) {
  const groups = new Map();
  entries.forEach((entry, index) => {
    if (!groups.has(entry.group)) groups.set(entry.group, groupOf(entry.group, groups.size));
    groups.get(entry.group).append(optionOf(entry, index));
  });
  return groups.values();
}

function groupOf(name, number) {
  const group = document.createElement("div");
  group.setAttribute("role", "group");
  group.setAttribute("aria-labelledby", `palette-group-${number}`);
  const head = document.createElement("div");
  head.id = `palette-group-${number}`;
  head.className = "palette-group";
  head.setAttribute("role", "presentation");
  head.textContent = name;
  group.append(head);
  return group;
}

function optionOf(entry, index) {
  const option = document.createElement("div");
  option.id = `palette-option-${index}`;
  option.className = "palette-option";
  option.dataset.index = index;
  if (entry.service) option.dataset.service = entry.service;
  option.setAttribute("role", "option");
  const label = document.createElement("span");
  label.className = "palette-label";
  label.textContent = entry.label;
  option.append(icon(entry.icon), label);
  if (entry.note) {
    const note = document.createElement("span");
    note.className = "palette-note";
    note.textContent = entry.note;
    option.append(note);
  }
  return option;
}

const dialog = globalThis.document?.getElementById("palette");
if (dialog) {
  const entries = JSON.parse(document.getElementById("palette-entries").textContent);
  const palette = new Palette(dialog, entries);
  document.getElementById("open-palette").addEventListener("click", () => palette.toggle());
  registerShortcut({ key: "mod+k", label: dialog.dataset.label, run: () => palette.toggle() });
}
