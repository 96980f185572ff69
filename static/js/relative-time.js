/** `{% when %}`: keeps "2 minutes ago" true, and tells the date in the reader's own zone. */

import { relative } from "./words.js";

const EVERY_MS = 30_000;
const DATE_AFTER_DAYS = 30;
const DAY_MS = 86_400_000;

/** The words for `moment`, or null when the page's own date already says it best. */
export function shown(moment, now) {
  return now - moment >= DATE_AFTER_DAYS * DAY_MS ? null : relative(moment, now);
}

function refresh(root) {
  const language = document.documentElement.lang;
  const absolute = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" });
  for (const element of root.querySelectorAll("time[data-relative]")) {
    const moment = new Date(element.dateTime);
    const text = shown(moment, new Date());
    if (text && text !== element.textContent) element.textContent = text;
    element.title = absolute.format(moment);
  }
}

// A page without words (sign-in and the like) has no moments either.
if (globalThis.document?.getElementById("words")) {
  refresh(document);
  setInterval(() => refresh(document), EVERY_MS);
}
