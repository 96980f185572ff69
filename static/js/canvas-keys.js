/** The keys of a canvas: those of the focused picture, and those of the whole page. */

const PAN_PIXELS = 60;
const LENS_PIXELS = 12;
const FAST = 4;
const ARROWS = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
};
const OWN_ARROWS =
  "input, select, textarea, [contenteditable], dialog, [popover], video, audio, " +
  "[role=slider], [role=tab], [role=menu], [role=menuitem], [role=listbox], [role=grid], [role=radio]";

/** What an arrow key does: "lens", "pan", "go" to the neighbour, or null. */
export function arrowMeaning(key, { isLensOpen, isZoomed, isFocused }) {
  if (!(key in ARROWS)) return null;
  const isSideways = ARROWS[key][1] === 0;
  if (!isFocused && !isSideways) return null;
  if (isLensOpen) return "lens";
  if (isZoomed) return "pan";
  return isSideways ? "go" : null;
}

/** Whether the focused element needs the arrow keys for itself. */
export function ownsArrows(element) {
  return Boolean(element?.closest(OWN_ARROWS));
}

/** Do what an arrow key means; false when it means nothing here. */
export function pressArrow(key, host, { isFocused, isFast = false }) {
  const meaning = arrowMeaning(key, {
    isLensOpen: host.lens.isOpen, isZoomed: host.state.isZoomed, isFocused,
  });
  const [x, y] = ARROWS[key] ?? [0, 0];
  const by = isFast ? FAST : 1;
  if (meaning === "lens") host.lens.moveBy(x * LENS_PIXELS * by, y * LENS_PIXELS * by);
  if (meaning === "pan") host.state.pan(-x * PAN_PIXELS * by, -y * PAN_PIXELS * by, { isStep: true });
  if (meaning === "go") return host.go(x < 0 ? "previous" : "next");
  return meaning !== null;
}

/** Arrows and Escape while the picture has the focus. */
export function listenOnStage(stage, host) {
  stage.addEventListener("keydown", (event) => {
    if (event.target !== stage || event.ctrlKey || event.metaKey || event.altKey) return;
    const isDone =
      event.key === "Escape" && host.lens.isOpen
        ? host.toggleLens()
        : pressArrow(event.key, host, { isFocused: true, isFast: event.shiftKey });
    if (isDone === false) return;
    event.preventDefault();
    event.stopPropagation();
  });
}

/** Left and right anywhere on the page, unless the focused element needs them itself. */
export function listenOnPage(host, signal) {
  const listen = (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (ownsArrows(document.activeElement) || document.querySelector("dialog:modal")) return;
    if (pressArrow(event.key, host, { isFocused: false })) event.preventDefault();
  };
  document.addEventListener("keydown", listen, { signal });
}

/** The keys of the page as {key, label, run}, for shortcuts.js; the arrows are only listed. */
export function pageKeys(host, word) {
  return [
    { key: "ArrowLeft", label: word("key_previous") },
    { key: "ArrowRight", label: word("key_next") },
    { key: "b", label: word("key_before"), run: () => holdWhilePressed(host) },
    { key: "+", label: word("key_zoom_in"), run: () => host.zoom(1) },
    { key: "-", label: word("key_zoom_out"), run: () => host.zoom(-1) },
    { key: "0", label: word("key_fit"), run: () => host.zoom(0) },
    { key: "l", label: word("key_lens"), run: () => host.toggleLens() },
    { key: "f", label: word("full_screen"), run: () => host.toggleFullScreen() },
    { key: "d", label: word("key_download"), run: () => host.go("download") },
    { key: "r", label: word("key_rerun"), run: () => host.rerun() },
  ].filter(({ key }) => host.canUse(key));
}

/** Before is shown until the key is let go, or the window is left. */
function holdWhilePressed(host) {
  const letGo = new AbortController();
  const end = () => {
    letGo.abort();
    host.hold(false);
  };
  host.hold(true);
  const { signal } = letGo;
  addEventListener("keyup", ({ key }) => key.toLowerCase() === "b" && end(), { signal, capture: true });
  addEventListener("blur", end, { signal });
}
