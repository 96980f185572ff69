/**
 * <image-drop data-action="/api/..." data-detail="/page/" data-hint="..." data-sending="..."
 *             data-sent="..." data-failed="..." data-offline="..." data-open="...">
 *   a labelled <input type=file name=file> that works without this script
 * </image-drop>
 *
 * Inside a <form>: takes files by drag, paste or choice, shows them with a remove button, and
 * sends each as a request of its own with the fields of the form, one after the other, with a
 * progress bar per file. A refused file explains itself in its own row and the rest go on.
 */

const TYPES = new Set(["image/png", "image/jpeg", "image/webp"]);

/** What one row says about a problem document; `fields` are listed after the detail. */
export function problemText(problem, fallback) {
  const fields = Object.entries(problem?.fields ?? {}).flatMap(([name, items]) =>
    items.map(({ detail }) => `${name}: ${detail}`),
  );
  return [problem?.detail ?? fallback, ...fields].join(" ");
}

/** The pictures among dropped or pasted files. */
export function pictures(files) {
  return [...files].filter(({ type }) => TYPES.has(type));
}

/** One multipart POST; resolves to {status, body}, rejects when the server is out of reach. */
function send({ url, form, file, token, key, onProgress }) {
  return new Promise((resolve, reject) => {
    const body = new FormData();
    for (const [name, value] of new FormData(form)) {
      if (name !== "file" && name !== "csrfmiddlewaretoken") body.append(name, value);
    }
    body.append("file", file, file.name);
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.responseType = "json";
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", token);
    request.setRequestHeader("Idempotency-Key", key);
    request.upload.onprogress = ({ lengthComputable, loaded, total }) =>
      onProgress(lengthComputable ? loaded / total : null);
    request.onload = () => resolve({ status: request.status, body: request.response });
    request.onerror = () => reject(new Error("network"));
    request.send(body);
  });
}

if (globalThis.customElements && !customElements.get("image-drop")) {
  customElements.define(
    "image-drop",
    class extends HTMLElement {
      #form = null;
      #input = null;
      #list = null;
      #rows = [];
      #isSending = false;

      connectedCallback() {
        this.#form = this.closest("form");
        this.#input = this.querySelector("input[type=file]");
        if (!this.#form || !this.#input || this.#list) return;
        this.#input.multiple = true;
        this.#input.required = false;
        const hint = document.createElement("p");
        hint.className = "hint";
        hint.textContent = this.dataset.hint;
        this.#list = document.createElement("ul");
        this.#list.className = "upload-list";
        this.#list.setAttribute("aria-live", "polite");
        this.append(hint, this.#list);
        this.#input.addEventListener("change", () => this.#add(this.#input.files));
        this.addEventListener("dragover", (event) => event.preventDefault());
        this.addEventListener("drop", (event) => {
          event.preventDefault();
          this.#add(pictures(event.dataTransfer.files));
        });
        document.addEventListener("paste", this);
        this.#form.addEventListener("submit", this);
      }

      disconnectedCallback() {
        document.removeEventListener("paste", this);
        this.#form?.removeEventListener("submit", this);
      }

      handleEvent(event) {
        if (event.type === "paste") {
          const found = pictures(event.clipboardData?.files ?? []);
          if (found.length) this.#add(found);
          return;
        }
        event.preventDefault();
        if (this.#rows.some(({ isDone }) => !isDone)) this.#sendAll();
        else this.#input.focus();
      }

      #add(files) {
        for (const file of files) {
          const item = document.createElement("li");
          item.className = "row";
          const name = document.createElement("span");
          name.textContent = file.name;
          const bar = document.createElement("progress");
          bar.max = 1;
          bar.value = 0;
          bar.setAttribute("aria-label", file.name);
          const words = document.createElement("span");
          words.className = "hint";
          const remove = document.createElement("button");
          remove.type = "button";
          remove.className = "button-quiet";
          remove.textContent = "×";
          remove.setAttribute("aria-label", `× ${file.name}`);
          const row = { file, item, bar, words, remove, isDone: false, key: crypto.randomUUID() };
          remove.addEventListener("click", () => {
            this.#rows = this.#rows.filter((other) => other !== row);
            item.remove();
          });
          item.append(name, bar, words, remove);
          this.#list.append(item);
          this.#rows.push(row);
        }
        this.#input.value = "";
      }

      async #sendAll() {
        if (this.#isSending) return;
        this.#isSending = true;
        const token = this.#form.querySelector("[name=csrfmiddlewaretoken]").value;
        const waiting = this.#rows.filter(({ isDone }) => !isDone);
        const sent = [];
        for (const row of waiting) {
          const task = await this.#sendOne(row, token);
          if (task) sent.push(task);
        }
        this.#isSending = false;
        if (waiting.length === 1 && sent.length === 1) {
          location.assign(`${this.dataset.detail}${sent[0]}/`);
        }
      }

      /** The task id, or null when the file was refused or the server is away. */
      async #sendOne(row, token) {
        const { file, bar, words, remove } = row;
        remove.disabled = true;
        words.textContent = this.dataset.sending;
        try {
          const { status, body } = await send({
            url: this.dataset.action,
            form: this.#form,
            file,
            token,
            key: row.key,
            onProgress: (share) =>
              share === null ? bar.removeAttribute("value") : (bar.value = share),
          });
          if (status === 200 || status === 202) return this.#succeed(row, body.task_id);
          words.textContent = `${this.dataset.failed}: ${problemText(body, status)}`;
          // Changed options make another request; the old key would be refused as a conflict.
          row.key = crypto.randomUUID();
        } catch {
          words.textContent = this.dataset.offline;
        }
        bar.value = 0;
        remove.disabled = false;
        return null;
      }

      #succeed(row, task) {
        row.isDone = true;
        row.bar.value = 1;
        const link = document.createElement("a");
        link.href = `${this.dataset.detail}${task}/`;
        link.textContent = this.dataset.open;
        row.words.replaceChildren(`${this.dataset.sent} `, link);
        return task;
      }
    },
  );
}
