// `<copy-text copied="…" failed="…">`: a button that copies the field beside it. The words are the
// page's: `copied` after success, `failed` where the browser does not allow it.

/** Copy `text`; false where there is no clipboard (no secure context) or it is refused. */
export async function copy(text, clipboard) {
  if (!clipboard) return false;
  try {
    await clipboard.writeText(text);
    return true;
  } catch (error) {
    if (error instanceof DOMException && error.name === "NotAllowedError") return false;
    throw error;
  }
}

const Base = globalThis.HTMLElement ?? class {};

class CopyText extends Base {
  connectedCallback() {
    const field = this.querySelector("input");
    const status = this.querySelector("[role=status]");
    field.addEventListener("focus", () => field.select());
    this.querySelector("button").addEventListener("click", async () => {
      const done = await copy(field.value, navigator.clipboard);
      if (!done) field.focus();
      this.toggleAttribute("done", done);
      status.textContent = this.getAttribute(done ? "copied" : "failed");
    });
  }
}

globalThis.customElements?.define("copy-text", CopyText);
