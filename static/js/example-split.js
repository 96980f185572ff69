// `<example-split>`: the range input moves the edge between the two pictures.

/** The share of the original in percent, as text for CSS; the middle for anything odd. */
export function edgeOf(value) {
  const share = Number.parseFloat(value);
  return Number.isFinite(share) ? `${Math.min(100, Math.max(0, share))}%` : "50%";
}

const Base = globalThis.HTMLElement ?? class {};

class ExampleSplit extends Base {
  connectedCallback() {
    const input = this.querySelector("input");
    const show = () => this.style.setProperty("--edge-at", edgeOf(input.value));
    input.addEventListener("input", show);
    show();
  }
}

globalThis.customElements?.define("example-split", ExampleSplit);
