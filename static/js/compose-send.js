/** Sending one photo: the fields of the form, one idempotency key per request, its progress. */

/** What one card says about a problem document; wrong fields are listed after the detail. */
export function problemText(problem, fallback) {
  const fields = Object.entries(problem?.fields ?? {}).flatMap(([name, items]) =>
    items.map(({ detail }) => `${name}: ${detail}`),
  );
  return [problem?.detail ?? fallback, ...fields].join(" ");
}

const TARGETS = ["target_width", "target_height", "megapixels"];

/** The options of a form as the API names them: one scale or one target, no files, no token, nothing empty. */
export function optionsOf(entries) {
  const options = {};
  for (const [name, value] of entries) if (typeof value === "string") options[name] = value;
  const other = options.scale_other;
  for (const name of ["scale_other", "csrfmiddlewaretoken", "source", "preset_name"]) delete options[name];
  const hasTarget = TARGETS.some((name) => options[name]);
  if (options.scale === "target" && hasTarget) delete options.scale;
  else if (options.scale) for (const name of TARGETS) delete options[name];
  if (options.scale === "other") options.scale = other || "other";
  for (const [name, value] of Object.entries(options)) if (value === "") delete options[name];
  return options;
}

/**
 * The key of the next request. The same photo with the same options keeps its key, so that a
 * repeated request is answered once; other options make another request, whose old key would
 * be refused as a conflict, and so does a refusal.
 */
export class RequestKey {
  #options = "";
  #key = "";

  constructor(random = () => crypto.randomUUID()) {
    this.random = random;
  }

  for(options) {
    const written = JSON.stringify(Object.entries(options).sort());
    if (!this.#key || written !== this.#options) {
      this.#options = written;
      this.#key = this.random();
    }
    return this.#key;
  }

  /** The server has judged this key; the next try is a new request. */
  spend() {
    this.#key = "";
  }
}

/** One multipart POST; resolves to {status, body}, rejects when the server is out of reach. */
export function sendPhoto({ url, options, file, token, key, onProgress, onSent }) {
  return new Promise((resolve, reject) => {
    const body = new FormData();
    for (const [name, value] of Object.entries(options)) body.append(name, value);
    body.append("file", file, file.name);
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.responseType = "json";
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", token);
    request.setRequestHeader("Idempotency-Key", key);
    request.upload.onprogress = ({ lengthComputable, loaded, total }) =>
      lengthComputable && onProgress(loaded / total);
    request.upload.onload = onSent;
    request.onload = () => resolve({ status: request.status, body: request.response });
    request.onerror = () => reject(new Error("network"));
    request.send(body);
  });
}

/** A POST with JSON, as {status, body}; null when the server is out of reach. */
export function postJson(url, body, token) {
  return sendJson("POST", url, body, token);
}

/** A request of any method with JSON, answered as `postJson` is. */
export async function sendJson(method, url, body, token) {
  let response;
  try {
    response = await fetch(url, {
      method,
      credentials: "same-origin",
      headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify(body ?? {}),
    });
  } catch {
    return null;
  }
  const isJson = (response.headers.get("Content-Type") ?? "").includes("json");
  return { status: response.status, body: isJson ? await response.json() : null };
}
