/** What the chosen photos will cost: the server's own estimate, asked once per size. */

/** Seconds of all plans, or null as soon as one of them is unknown. */
export function totalSeconds(answers) {
  if (answers.length === 0) return null;
  let total = 0;
  for (const answer of answers) {
    if (typeof answer?.seconds !== "number") return null;
    total += answer.seconds;
  }
  return total;
}

/** What one answer depends on. */
export function keyOf(options, { width, height, format }) {
  return JSON.stringify([width, height, format, Object.entries(options).sort()]);
}

/** Asks `POST /enhance/estimate` and remembers; `ask(body)` resolves to `{status, body}`. */
export class Estimates {
  #known = new Map();
  #ask;

  constructor(ask) {
    this.#ask = ask;
  }

  /**
   * `{seconds, width, height}`, `{refusal: {code, detail}}` when the server would refuse these
   * options for this size, or null when it gave no answer.
   */
  async of(options, picture) {
    const key = keyOf(options, picture);
    if (!this.#known.has(key)) {
      const asked = this.#fetch(options, picture);
      this.#known.set(key, asked);
      if ((await asked) === null) this.#known.delete(key);
    }
    return this.#known.get(key) ?? null;
  }

  async #fetch(options, { width, height, format }) {
    const answer = await this.#ask({ ...options, width, height, source_format: format });
    if (answer?.status === 200) {
      const { seconds, output_width: wide, output_height: high } = answer.body;
      return { seconds, width: wide, height: high };
    }
    const isRefusal = answer?.status === 422 && answer.body?.code;
    return isRefusal ? { refusal: { code: answer.body.code, detail: answer.body.detail } } : null;
  }
}
