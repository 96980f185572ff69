/** Icons of the vendored Lucide sprite; its address is on <html data-sprite>. */

const SVG = "http://www.w3.org/2000/svg";

/** A decorative <svg class="icon"> of `name`; `size` is "small" or "large". */
export function icon(name, size = "") {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("class", size ? `icon icon-${size}` : "icon");
  drawing.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${document.documentElement.dataset.sprite}#${name}`);
  drawing.append(use);
  return drawing;
}
