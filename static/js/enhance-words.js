/** The words and limits that the enhance pages bring along (enhance/compose.py). */

const found = globalThis.document?.getElementById("enhance-data");

/** Limits, addresses, states, stages and sentences of this page. */
export const data = found ? JSON.parse(found.textContent) : { words: {}, states: {}, stages: {} };

/** `text` with its `%(name)s` filled; what is not given stays visible. */
export function fill(text, values = {}) {
  return text.replace(/%\((\w+)\)s/g, (whole, name) => values[name] ?? whole);
}

/** The sentence of `key` on this page. */
export function say(key, values = {}) {
  return fill(data.words[key] ?? key, values);
}

/** The sentence for `count` things: the keys end in `_one` and `_other`. */
export function sayCount(key, count, language = globalThis.document?.documentElement.lang) {
  const form = new Intl.PluralRules(language || "en").select(count) === "one" ? "one" : "other";
  return say(`${key}_${form}`, { count });
}

/** Tell a screen reader; the page has one polite region for it. */
export function announce(text) {
  const region = document.querySelector("[data-enhance-live]");
  if (region) region.textContent = text;
}

/** The CSRF token that the forms of this page carry. */
export function csrfToken() {
  return document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
}
