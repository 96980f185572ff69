/**
 * <image-drop>
 *   a labelled <input type=file name=file multiple> that works without this script
 *   optional: [data-choose] and [data-camera] buttons, an <input capture> in .drop-capture
 * </image-drop>
 *
 * Takes pictures by choice, drag (anywhere on the page), paste and camera, and dispatches
 * `photos` with `detail: {files}`. While files are dragged over the page the nearest
 * [data-veil] shows it.
 */

import { hasFiles } from "./compose-files.js";

if (globalThis.customElements && !customElements.get("image-drop")) {
  customElements.define(
    "image-drop",
    class extends HTMLElement {
      #inputs = [];
      #veil = null;
      #depth = 0;

      connectedCallback() {
        this.#inputs = [...this.querySelectorAll("input[type=file]")];
        this.#veil = this.parentElement?.closest(".compose")?.querySelector("[data-veil]");
        for (const input of this.#inputs) input.addEventListener("change", this);
        const choose = this.querySelector("[data-choose]");
        if (choose) {
          choose.hidden = false;
          choose.addEventListener("click", () => this.#inputs[0].click());
        }
        for (const name of ["dragenter", "dragover", "dragleave", "drop", "paste"]) {
          document.addEventListener(name, this);
        }
        this.setAttribute("ready", "");
      }

      disconnectedCallback() {
        for (const name of ["dragenter", "dragover", "dragleave", "drop", "paste"]) {
          document.removeEventListener(name, this);
        }
      }

      handleEvent(event) {
        if (event.type === "change") this.#take(event.target.files, event.target);
        else if (event.type === "paste") this.#onPaste(event);
        else if (hasFiles(event.dataTransfer)) this.#onDrag(event);
      }

      /** Text that is pasted into a field stays text. */
      #onPaste(event) {
        const { files } = event.clipboardData ?? {};
        if (!files?.length) return;
        event.preventDefault();
        this.#take(files);
      }

      /** Enter and leave come for every child, so they are counted. */
      #onDrag(event) {
        event.preventDefault();
        if (event.type === "dragenter") this.#depth += 1;
        if (event.type === "dragleave") this.#depth -= 1;
        if (event.type === "drop") {
          this.#depth = 0;
          this.#take(event.dataTransfer.files);
        }
        this.#veil?.toggleAttribute("data-shown", this.#depth > 0);
      }

      #take(files, input = null) {
        const taken = [...files];
        if (input) input.value = "";
        if (taken.length === 0) return;
        this.dispatchEvent(new CustomEvent("photos", { detail: { files: taken }, bubbles: true }));
      }
    },
  );
}
