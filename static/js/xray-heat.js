/**
 * The heat map as colours over the film: pure functions, no DOM.
 *
 * A map is RGBA data of a grey picture, 0 nothing and 255 the hottest.
 */

// From little to much; readable over black and over white.
const COLD = [255, 96, 0];
const HOT = [255, 232, 92];
const LINE = [92, 200, 218];
/** The contour lies where the map has half of its largest value. */
export const CONTOUR = 128;
const FAINT = 26;

/** Colour and opacity (0..255) of one value; what is faint is not drawn at all. */
export function tint(value) {
  if (value < FAINT) return [0, 0, 0, 0];
  const share = value / 255;
  return [...COLD.map((low, at) => Math.round(low + (HOT[at] - low) * share)), Math.round(share * 255)];
}

/** The coloured map, RGBA of the same size. */
export function coloured(map) {
  const table = Array.from({ length: 256 }, (_, value) => tint(value));
  const pixels = new Uint8ClampedArray(map.length);
  for (let at = 0; at < map.length; at += 4) pixels.set(table[map[at]], at);
  return pixels;
}

/** The contour, RGBA of the same size: what is inside and touches something outside. */
export function contour(map, width, height, limit = CONTOUR) {
  const pixels = new Uint8ClampedArray(map.length);
  const isInside = (x, y) =>
    x >= 0 && y >= 0 && x < width && y < height && map[(y * width + x) * 4] >= limit;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (!isInside(x, y)) continue;
      const isEdge = !isInside(x - 1, y) || !isInside(x + 1, y) || !isInside(x, y - 1) || !isInside(x, y + 1);
      if (isEdge) pixels.set([...LINE, 255], (y * width + x) * 4);
    }
  }
  return pixels;
}
