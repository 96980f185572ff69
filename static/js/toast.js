/**
 * toast({text, tone, action}): a message for what needs a person; it stays until it is closed.
 *
 * `tone` is "bad", "warn" or "" (plain, leaves by itself); `action` is `{label, href}`. One region
 * per page holds them above everything, dialogs and the tray included.
 */

import { icon } from "./icon.js";
import { word } from "./words.js";

const PLAIN_MS = 8_000;
const MOST = 3;
const SIGNS = { bad: "triangle-alert", warn: "circle-alert", "": "info" };

function region() {
  const found = document.querySelector(".toasts");
  if (found) return found;
  const made = document.createElement("div");
  made.className = "toasts";
  made.setAttribute("popover", "manual");
  document.body.append(made);
  return made;
}

/** Show the message; returns its element. The oldest leaves when there are more than three. */
export function toast({ text, tone = "", action = null }) {
  const shown = document.createElement("div");
  shown.className = `toast toast-${tone || "plain"}`;
  shown.setAttribute("role", tone === "bad" ? "alert" : "status");
  const words = document.createElement("p");
  words.textContent = text;
  shown.append(icon(SIGNS[tone]), words);
  if (action) {
    const link = document.createElement("a");
    link.href = action.href;
    link.className = "toast-action";
    link.textContent = action.label;
    shown.append(link);
  }
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button-icon";
  close.setAttribute("aria-label", word("toast.close"));
  close.append(icon("x"));
  close.addEventListener("click", () => dismiss(shown));
  shown.append(close);
  const all = region();
  while (all.children.length >= MOST) all.firstElementChild.remove();
  all.append(shown);
  // Shown anew, it comes above a tray that was opened since.
  if (all.matches(":popover-open")) all.hidePopover();
  all.showPopover();
  if (!tone) setTimeout(() => dismiss(shown), PLAIN_MS);
  return shown;
}

function dismiss(shown) {
  const all = shown.parentElement;
  shown.remove();
  if (all && all.children.length === 0 && all.matches(":popover-open")) all.hidePopover();
}
