/** A progress ring: `<svg class="ring">`, drawn by static/css/components/ring.css. */

const SVG = "http://www.w3.org/2000/svg";

function circle(name) {
  const drawn = document.createElementNS(SVG, "circle");
  for (const [key, value] of Object.entries({ class: name, cx: 12, cy: 12, r: 10, pathLength: 100 })) {
    drawn.setAttribute(key, value);
  }
  return drawn;
}

/** An empty ring; it is decoration, words beside it say the same. */
export function ring() {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("class", "ring");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  drawing.append(circle("ring-track"), circle("ring-value"));
  fillRing(drawing, 0);
  return drawing;
}

/** Fill the ring to `share` (0 to 1); null: work of unknown length is waiting. */
export function fillRing(drawing, share) {
  const length = share === null ? 0 : Math.round(Math.min(1, Math.max(0, share)) * 100);
  drawing.classList.toggle("ring-waiting", share === null);
  drawing.querySelector(".ring-value").setAttribute("stroke-dasharray", `${length} 100`);
}
