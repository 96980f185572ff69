/** Boxes of faces over an <image-canvas>: they move with the picture and lead to their face. */

/** Where a box of the source lies on the stage, in CSS pixels. */
export function placeBox([left, top, width, height], { view, picture, sourceWidth }) {
  const factor = (picture.width / sourceWidth) * view.scale;
  return {
    x: view.x + left * factor,
    y: view.y + top * factor,
    width: width * factor,
    height: height * factor,
  };
}

export class FaceBoxes {
  #canvas;
  #layer;
  #faces;
  #leave = new AbortController();

  /** `faces`: [{row, number, box}]; `row` is what a press leads to. */
  constructor(canvas, faces) {
    this.#canvas = canvas;
    this.#layer = document.createElement("div");
    this.#layer.className = "face-boxes";
    this.#faces = faces.map((face) => ({ ...face, mark: this.#mark(face) }));
    const { signal } = this.#leave;
    canvas.addEventListener("canvas-drawn", () => this.#draw(), { signal });
    canvas.addEventListener("canvas-ready", () => this.#attach(), { signal });
    if (canvas.state) this.#attach();
  }

  show(isOn) {
    this.#layer.hidden = !isOn;
  }

  remove() {
    this.#leave.abort();
    this.#layer.remove();
  }

  #attach() {
    this.#canvas.stage.append(this.#layer);
    this.#draw();
  }

  #mark({ row, number }) {
    const mark = document.createElement("div");
    mark.className = "face-box";
    const label = document.createElement("span");
    label.textContent = number;
    mark.append(label);
    const point = (isOn) => () => mark.toggleAttribute("data-pointed", isOn);
    const { signal } = this.#leave;
    for (const name of ["pointerenter", "focusin"]) row.addEventListener(name, point(true), { signal });
    for (const name of ["pointerleave", "focusout"]) row.addEventListener(name, point(false), { signal });
    this.#layer.append(mark);
    return mark;
  }

  #draw() {
    const { view, picture } = this.#canvas.state;
    const before = this.#canvas.querySelector(".canvas-before img");
    const sourceWidth = Number(before?.getAttribute("width")) || picture.width;
    for (const { box, mark } of this.#faces) {
      const place = placeBox(box, { view, picture, sourceWidth });
      mark.style.setProperty("transform", `translate(${place.x}px, ${place.y}px)`);
      mark.style.setProperty("width", `${place.width}px`);
      mark.style.setProperty("height", `${place.height}px`);
    }
  }
}
