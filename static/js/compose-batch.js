/** Photos that are sent one by one and belong together. */

import { csrfToken, data } from "./enhance-words.js";
import { postJson } from "./compose-send.js";

/** `drafts` in groups of at most `most`, none of them a lonely rest where that can be avoided. */
export function inBatches(drafts, most) {
  const groups = Math.max(1, Math.ceil(drafts.length / most));
  const size = Math.ceil(drafts.length / groups);
  const found = [];
  for (let start = 0; start < drafts.length; start += size) found.push(drafts.slice(start, start + size));
  return found;
}

/** One batch of this page; without it the photos go on as single ones. */
export class Batch {
  id = "";
  #isAsked = false;

  constructor({ photos, options }, post = (url, body) => postJson(url, body, csrfToken())) {
    this.photos = photos;
    this.options = options;
    this.post = post;
  }

  /** Announce it to the server, once; whether this call did. */
  async open() {
    if (this.#isAsked) return false;
    this.#isAsked = true;
    const answer = await this.post(data.urls.batch, { photos: this.photos, ...this.options });
    if (answer?.status !== 202) return false;
    this.id = answer.body.batch_task_id;
    return true;
  }

  /** Where its photos go; empty while the server knows no such batch. */
  get url() {
    return this.id && `${data.urls.batches}${this.id}/files`;
  }

  /** Say that no more photos follow. The server finds out by itself when this is not heard. */
  async close() {
    if (this.id) await this.post(`${data.urls.batches}${this.id}/close`, {});
    if (this.id) document.dispatchEvent(new CustomEvent("enhance-batch-changed", { detail: { batch: this.id } }));
  }
}
