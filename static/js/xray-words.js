/** The words, limits and addresses that the pages of the X-ray room bring along. */

import { fill } from "./enhance-words.js";

const found = globalThis.document?.getElementById("xray-data");

/** From xray/pages/compose.py. */
export const data = found ? JSON.parse(found.textContent) : { urls: {}, words: {}, states: {}, stages: {} };

/** The sentence of `key` on this page. */
export function say(key, values = {}) {
  return fill(data.words[key] ?? key, values);
}

/** The sentence for `count` films: the keys end in `_one` and `_other`. */
export function sayCount(key, count, language = globalThis.document?.documentElement.lang) {
  const form = new Intl.PluralRules(language || "en").select(count) === "one" ? "one" : "other";
  return say(`${key}_${form}`, { count });
}

/** Tell a screen reader; the page has one polite region for it. */
export function announce(text) {
  const region = document.querySelector("[data-xray-live]");
  if (region) region.textContent = text;
}
