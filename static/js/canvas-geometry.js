/**
 * Where a picture lies in a pane: pure functions, no DOM.
 *
 * picture {width, height}: pixels of the result. pane {width, height}: CSS pixels it is shown in.
 * view {scale, x, y}: CSS pixels per picture pixel, and where the picture's top left corner lies.
 */

/** A small picture is enlarged to fill the window, but never beyond this at first. */
const LARGEST_FIT = 16;
const LARGEST_SCALE = 16;
const SAME_SHAPE = 0.02;
const NEARLY = 1e-6;
const KNOB_ROOM = 110;

const between = (low, value, high) => Math.min(Math.max(value, low), high);

/** The scale at which the whole picture is seen, as large as the pane allows. */
export function fitScale(picture, pane) {
  const scale = Math.min(pane.width / picture.width, pane.height / picture.height);
  return between(NEARLY, scale, LARGEST_FIT);
}

/** The smallest and the largest scale; 100 % is always within reach. */
export function scaleLimits(picture, pane) {
  const fit = fitScale(picture, pane);
  return { fit, min: Math.min(fit, 1), max: Math.max(LARGEST_SCALE, fit * 2) };
}

/** The whole picture in the middle of the pane. */
export function fitView(picture, pane) {
  return clampView({ scale: fitScale(picture, pane), x: 0, y: 0 }, picture, pane);
}

/** The nearest view without empty ground: centred where the picture is smaller than the pane. */
export function clampView({ scale, x, y }, picture, pane) {
  const held = (offset, side, room) =>
    side <= room ? (room - side) / 2 : between(room - side, offset, 0);
  return {
    scale,
    x: held(x, picture.width * scale, pane.width),
    y: held(y, picture.height * scale, pane.height),
  };
}

/** Scale to `scale` so that the picture's pixel under `point` stays under it. */
export function zoomAbout(view, point, scale, picture, pane) {
  const { min, max } = scaleLimits(picture, pane);
  const wanted = between(min, scale, max);
  const ratio = wanted / view.scale;
  const moved = {
    scale: wanted,
    x: point.x - (point.x - view.x) * ratio,
    y: point.y - (point.y - view.y) * ratio,
  };
  return clampView(moved, picture, pane);
}

/** Move the picture by a number of CSS pixels, up to its edges. */
export function panBy(view, dx, dy, picture, pane) {
  return clampView({ ...view, x: view.x + dx, y: view.y + dy }, picture, pane);
}

/** Whether a part of the picture lies outside the pane, so that it can be moved. */
export function isZoomed(view, picture, pane) {
  return (
    picture.width * view.scale > pane.width + 0.5 || picture.height * view.scale > pane.height + 0.5
  );
}

/** The next step of the zoom buttons: powers of two, and the fit between them. */
export function nextScale(scale, direction, { fit, min, max }) {
  const steps = [fit, min, max];
  for (let step = 1 / 64; step <= max; step *= 2) if (step > min) steps.push(step);
  const ahead = steps.filter((step) => (step / scale - 1) * direction > 0.01);
  if (!ahead.length) return scale;
  return direction > 0 ? Math.min(...ahead) : Math.max(...ahead);
}

/** After the pane changed: the whole picture stays whole, else the middle stays in the middle. */
export function resizeView(view, wasFit, picture, before, after) {
  if (wasFit) return fitView(picture, after);
  const { min, max } = scaleLimits(picture, after);
  const scale = between(min, view.scale, max);
  const ratio = scale / view.scale;
  const moved = {
    scale,
    x: after.width / 2 - (before.width / 2 - view.x) * ratio,
    y: after.height / 2 - (before.height / 2 - view.y) * ratio,
  };
  return clampView(moved, picture, after);
}

/** The part of the pane's width that the picture covers: the way of the divider. */
export function visibleRange(view, picture, pane) {
  return {
    left: Math.max(0, view.x),
    right: Math.min(pane.width, view.x + picture.width * view.scale),
  };
}

/** Which side of the picture is too short for a knob over it: "width", "height" or "none". */
export function thinSide(view, picture) {
  if (picture.width * view.scale < KNOB_ROOM) return "width";
  return picture.height * view.scale < KNOB_ROOM ? "height" : "none";
}

/** Where the divider is drawn for a fraction 0..1 of that way. */
export function dividerAt(fraction, { left, right }) {
  return left + (right - left) * between(0, fraction, 1);
}

/** The fraction at which the divider is drawn at `x`. */
export function fractionAt(x, { left, right }) {
  return right > left ? between(0, (x - left) / (right - left), 1) : 0.5;
}

/** The fraction after a key on the divider, null when the key is not for it. */
export function fractionAfterKey(fraction, key, isCoarse) {
  const step = isCoarse ? 0.1 : 0.02;
  const moves = {
    ArrowLeft: -step, ArrowDown: -step, ArrowRight: step, ArrowUp: step, PageDown: -0.1, PageUp: 0.1,
  };
  if (key === "Home") return 0;
  if (key === "End") return 1;
  return key in moves ? between(0, fraction + moves[key], 1) : null;
}

/** How much a turn of the wheel scales; a pinch on a trackpad comes as small turns with ctrl. */
export function wheelFactor({ deltaY, deltaMode, ctrlKey }) {
  const pixels = deltaY * (deltaMode === 1 ? 16 : deltaMode === 2 ? 400 : 1);
  return Math.exp(between(-120, pixels, 120) * (ctrlKey ? -0.01 : -0.002));
}

/** Two panes beside or above each other, whichever shows the picture larger. */
export function splitFor(picture, room, gap) {
  const columns = { width: (room.width - gap) / 2, height: room.height };
  const rows = { width: room.width, height: (room.height - gap) / 2 };
  return fitScale(picture, rows) > fitScale(picture, columns) * 1.01 ? "rows" : "columns";
}

/** The pane of one picture of two. */
export function paneOf(split, stage, gap) {
  if (split === "columns") return { width: (stage.width - gap) / 2, height: stage.height };
  if (split === "rows") return { width: stage.width, height: (stage.height - gap) / 2 };
  return { width: stage.width, height: stage.height };
}

/** Where the picture before lies in pixels of the result: over it, or within it if its shape differs. */
export function placeOver(source, picture) {
  const scale = Math.min(picture.width / source.width, picture.height / source.height);
  const width = source.width * scale;
  const height = source.height * scale;
  const isSame =
    picture.width - width <= Math.max(1, picture.width * SAME_SHAPE) &&
    picture.height - height <= Math.max(1, picture.height * SAME_SHAPE);
  if (isSame) return { x: 0, y: 0, width: picture.width, height: picture.height };
  return { x: (picture.width - width) / 2, y: (picture.height - height) / 2, width, height };
}

/** Whether the preview no longer does: at 100 %, or when zoomed in so far that it is stretched. */
export function needsFull(view, { isFit, picture, previewWidth, density }) {
  if (view.scale >= 1 - NEARLY) return true;
  return !isFit && picture.width * view.scale * density > previewWidth * 1.05;
}

/** "42 %", with a decimal below ten. */
export function percentOf(scale) {
  const percent = scale * 100;
  return percent < 10 ? Math.round(percent * 10) / 10 : Math.round(percent);
}
