/** Pieces of the server's own pages, put into the open page without leaving it. */

const TYPING = "input:not([type=checkbox],[type=radio],[type=file],[type=range]), textarea, select, [contenteditable]";

/** The element at `selector` of the page at `url`; null when the server has none to give. */
export async function fetchPiece(url, selector) {
  let response;
  try {
    response = await fetch(url, { credentials: "same-origin", headers: { Accept: "text/html" } });
  } catch {
    return null;
  }
  if (!response.ok || response.redirected) return null;
  const parsed = new DOMParser().parseFromString(await response.text(), "text/html");
  const found = parsed.querySelector(selector);
  return found ? document.importNode(found, true) : null;
}

/** Whether somebody is writing or answering a dialog: then nothing may move under them. */
function isOccupied(doc = document) {
  return Boolean(doc.activeElement?.matches?.(TYPING) || doc.querySelector("dialog[open], :popover-open"));
}

/** Bring `element` into view unless that would disturb. */
export function reveal(element) {
  if (isOccupied()) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  element.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
}
