/**
 * <tile-reveal job="ID" src="/api/v1/jobs/ID/preview/" width="300" height="200"
 *              columns="64 128" rows="64">
 *   <img class="tile-reveal-before">: the original, blurred by the stylesheet
 * </tile-reveal>
 *
 * Shows the finished tiles of a running job over its original. `columns` and `rows` are the seams
 * in pixels of the original. Needs a <job-feed> on the page; asks for the preview once when it
 * appears and whenever an event tells of a newer one.
 */

const SVG = "http://www.w3.org/2000/svg";
const ENDED = new Set(["succeeded", "failed", "cancelled"]);

/** "64 128" as [64, 128]. */
export function seams(text) {
  return (text ?? "").split(" ").filter(Boolean).map(Number);
}

/** The path of all seams in a picture of `width` x `height`. */
export function gridPath({ width, height, columns, rows }) {
  const down = columns.map((x) => `M${x} 0V${height}`);
  const across = rows.map((y) => `M0 ${y}H${width}`);
  return [...down, ...across].join("");
}

/** The box of tile `index` in the order of the run (row by row), or null behind the last. */
export function tileAt(index, { width, height, columns, rows }) {
  const [x, y] = [[0, ...columns, width], [0, ...rows, height]];
  const perRow = x.length - 1;
  const [column, row] = [index % perRow, Math.floor(index / perRow)];
  if (index < 0 || row >= y.length - 1) return null;
  return { x: x[column], y: y[row], width: x[column + 1] - x[column], height: y[row + 1] - y[row] };
}

/** The version of the preview that an event tells of; 0 when it tells of none. */
export function previewVersion({ data }) {
  return Number(data?.preview ?? 0);
}

/** Fetches one preview after the other, never two at once, never an old one. */
export class PreviewLoader {
  #fetch;
  #show;
  #known = 0;
  #wanted = 0;
  #isBusy = false;

  constructor({ fetch, show }) {
    this.#fetch = fetch;
    this.#show = show;
  }

  /** There may be a preview of this version; 0 asks for whatever there is. */
  async want(version) {
    if (version && version <= this.#known) return;
    this.#wanted = Math.max(this.#wanted, version);
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      do {
        const asked = this.#wanted;
        const answer = await this.#fetch();
        if (answer && answer.version > this.#known) {
          this.#known = answer.version;
          this.#show(answer.blob);
        }
        if (asked === this.#wanted) break;
      } while (this.#wanted > this.#known);
    } finally {
      this.#isBusy = false;
    }
  }
}

/** `{version, blob}` from the endpoint; null for 204, for a job that is gone, without network. */
export async function fetchPreview(url, io = globalThis) {
  let response;
  try {
    response = await io.fetch(url, { credentials: "same-origin" });
  } catch {
    return null; // the next event asks again
  }
  if (response.status !== 200) return null;
  const version = Number(response.headers.get("X-Preview-Version") ?? 1);
  return { version, blob: await response.blob() };
}

if (globalThis.customElements && !customElements.get("tile-reveal")) {
  customElements.define(
    "tile-reveal",
    class extends HTMLElement {
      #loader = null;
      #after = null;
      #active = null;
      #geometry = null;

      connectedCallback() {
        this.#geometry = {
          width: Number(this.getAttribute("width")),
          height: Number(this.getAttribute("height")),
          columns: seams(this.getAttribute("columns")),
          rows: seams(this.getAttribute("rows")),
        };
        const { width, height } = this.#geometry;
        if (width && height) this.style.setProperty("--ratio", String(width / height));
        if (!this.getAttribute("job")) return;
        if (!this.#after) this.#build();
        document.addEventListener("job", this);
        this.#loader = new PreviewLoader({
          fetch: () => fetchPreview(this.getAttribute("src")),
          show: (blob) => this.#show(blob),
        });
        this.#loader.want(0);
      }

      disconnectedCallback() {
        document.removeEventListener("job", this);
        if (this.#after?.src.startsWith("blob:")) URL.revokeObjectURL(this.#after.src);
      }

      handleEvent({ detail: job }) {
        if (job.job !== this.getAttribute("job")) return;
        const isWorking = job.state === "running" && job.stage === "background";
        this.#markTile(isWorking ? tileAt(job.done, this.#geometry) : null);
        if (ENDED.has(job.state)) return;
        const version = previewVersion(job);
        if (version) this.#loader.want(version);
      }

      #build() {
        const { width, height } = this.#geometry;
        this.#after = document.createElement("img");
        this.#after.className = "tile-reveal-after";
        this.#after.alt = "";
        this.#after.hidden = true;
        const grid = document.createElementNS(SVG, "svg");
        grid.setAttribute("class", "tile-reveal-grid");
        grid.setAttribute("viewBox", `0 0 ${width} ${height}`);
        grid.setAttribute("preserveAspectRatio", "none");
        grid.setAttribute("aria-hidden", "true");
        const lines = document.createElementNS(SVG, "path");
        lines.setAttribute("d", gridPath(this.#geometry));
        this.#active = document.createElementNS(SVG, "rect");
        grid.append(lines, this.#active);
        this.append(this.#after, grid);
        this.#markTile(null);
      }

      #markTile(box) {
        this.#active.toggleAttribute("data-on", Boolean(box));
        for (const name of ["x", "y", "width", "height"]) {
          this.#active.setAttribute(name, box ? box[name] : 0);
        }
      }

      #show(blob) {
        const old = this.#after.src;
        this.#after.src = URL.createObjectURL(blob);
        this.#after.hidden = false;
        if (old.startsWith("blob:")) URL.revokeObjectURL(old);
      }
    },
  );
}
