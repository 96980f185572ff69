/**
 * Grey values on the screen: pure functions, no DOM.
 *
 * tone {window, level, isInverted}: window 2..100 and level 0..100 in per cent of the film's range;
 * values below level - window / 2 are black, above level + window / 2 white.
 */

export const PLAIN = { window: 100, level: 50, isInverted: false };
const LEAST_WINDOW = 2;
const STEP = 5;

const between = (low, value, high) => Math.min(Math.max(value, low), high);

/** The grey value that each of the 256 of the film is shown as. */
export function lookup({ window, level, isInverted }) {
  const low = (level - window / 2) / 100;
  const width = window / 100;
  return Uint8ClampedArray.from({ length: 256 }, (_, value) => {
    const shown = between(0, (value / 255 - low) / width, 1);
    return Math.round((isInverted ? 1 - shown : shown) * 255);
  });
}

/** `tone` with a narrower (-1) or wider (1) window, or a darker (1) or brighter (-1) level. */
export function stepped(tone, { window = 0, level = 0 }) {
  return {
    ...tone,
    window: between(LEAST_WINDOW, tone.window + window * STEP, 100),
    level: between(0, tone.level + level * STEP, 100),
  };
}

/** Put every grey value of RGBA `pixels` through `table`, from `source` of the same length. */
export function applyLookup(source, pixels, table) {
  for (let at = 0; at < source.length; at += 4) {
    const shown = table[source[at]];
    pixels[at] = shown;
    pixels[at + 1] = shown;
    pixels[at + 2] = shown;
    pixels[at + 3] = 255;
  }
}

/**
 * How a film that was corrected lies on the screen: size after the correction, and the transform
 * (as setTransform takes it) that draws the stored film into it.
 */
export function placed({ width, height }, correction) {
  if (correction === "rotate_90") return { width: height, height: width, matrix: [0, 1, -1, 0, height, 0] };
  if (correction === "rotate_180") return { width, height, matrix: [-1, 0, 0, -1, width, height] };
  if (correction === "rotate_270") return { width: height, height: width, matrix: [0, -1, 1, 0, 0, width] };
  return { width, height, matrix: [1, 0, 0, 1, 0, 0] };
}
