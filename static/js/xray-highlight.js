/** Sentences and their findings: what one of them points to lights up with it. */

/** Ids of the findings that an element stands for. */
export function idsOf({ finding, findings }) {
  return (finding ?? findings ?? "").split(" ").filter(Boolean);
}

/** Whether two elements belong together: they share a finding. */
export function belongs(ids, dataset) {
  return idsOf(dataset).some((id) => ids.includes(id));
}

const SELECTOR = "[data-finding], [data-findings]";

function light({ target, type }) {
  const on = type === "pointerover" || type === "focusin";
  const under = target.closest?.(SELECTOR);
  const ids = on && under ? idsOf(under.dataset) : [];
  for (const element of document.querySelectorAll(SELECTOR)) {
    if (element.classList.contains("finding-chip")) continue;
    element.classList.toggle("lit", belongs(ids, element.dataset));
  }
}

for (const name of ["pointerover", "pointerout", "focusin", "focusout"]) {
  globalThis.document?.addEventListener(name, light);
}
