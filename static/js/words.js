/**
 * What the scripts of a page say, in the reader's language.
 *
 * The words come with the page (`<script id="words" type="application/json">`, written by
 * project/web/shell_words.py); numbers, shares and distances in time are Intl's own.
 */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
// Older moments are told by their date.
const RELATIVE_SECONDS = 30 * DAY;
const STEPS = [[HOUR, "minute", MINUTE], [DAY, "hour", HOUR], [RELATIVE_SECONDS, "day", DAY]];

let words = {};
let language = "en";

/** Take another set of words; pages call it once by themselves, tests as they like. */
export function useWords(table, code) {
  words = table;
  language = code;
}

/** The sentence of `key`, its `%(name)s` filled; an unknown key shows itself. */
export function word(key, values = {}) {
  return (words[key] ?? key).replace(/%\((\w+)\)s/g, (whole, name) => values[name] ?? whole);
}

/** A number as the language writes it, with `digits` behind the point. */
export function number(value, digits = 0) {
  const exactly = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(language, { ...exactly, useGrouping: false }).format(value);
}

/** "42 %" as the language writes it; `share` is 0 to 1 and is never rounded up to the whole. */
export function percent(share) {
  const shown = share >= 1 ? 1 : Math.floor(Math.max(0, share) * 100) / 100;
  return new Intl.NumberFormat(language, { style: "percent" }).format(shown);
}

/** "40 s", "2 min", "1 h 5 min", as the filter `duration` says it. */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < MINUTE) return word("duration.seconds", { seconds: number(whole) });
  const all = Math.round(whole / MINUTE);
  if (all < 60) return word("duration.minutes", { minutes: number(all) });
  const [hours, minutes] = [number(Math.floor(all / 60)), number(all % 60)];
  if (all % 60 === 0) return word("duration.hours", { hours });
  return word("duration.hours_minutes", { hours, minutes });
}

/** Bytes in MB of a million, as the filter `filesize_mb` says it. */
export function megabytes(bytes) {
  const value = bytes / 1e6;
  const digits = value < 0.1 ? 2 : value < 10 ? 1 : 0;
  return word("unit.megabytes", { megabytes: number(value, digits) });
}

/** "5 minutes ago", "in 2 hours"; the date when it is more than a month away. */
export function relative(date, now = new Date()) {
  const moment = new Date(date);
  const seconds = (moment - now) / 1000;
  const distance = Math.abs(seconds);
  if (distance < MINUTE) return word("relative.now");
  const step = STEPS.find(([below]) => distance < below);
  if (!step) return new Intl.DateTimeFormat(language, { dateStyle: "long" }).format(moment);
  const [, unit, size] = step;
  const format = new Intl.RelativeTimeFormat(language, { numeric: "always" });
  const said = format.format(Math.sign(seconds) * Math.floor(distance / size), unit);
  // Intl writes 3小时前; the pages set a space between figures and Chinese, as wording.py does.
  return said.replace(/(\d)(?=\p{Script=Han})/u, "$1 ");
}

/** The state of a job in one word. */
export function stateWord({ state }) {
  return word(`state.${state}`);
}

/** The step of a running job: in the words of its kind, else the platform's, else its state. */
export function stageWord(job) {
  if (job.state !== "running" || !job.stage) return stateWord(job);
  return words[`stage.${job.kind}.${job.stage}`] ?? words[`stage.${job.stage}`] ?? job.stage;
}

const written = globalThis.document?.getElementById("words");
if (written) useWords(JSON.parse(written.textContent), document.documentElement.lang);
