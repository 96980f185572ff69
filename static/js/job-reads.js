/** Reading jobs over REST: the polling fallback, one job, the jobs in one state. */

const OVERLAP_MS = 5_000;
const PAGES = 10;
const PAGE_SIZE = 100;

export class JobReads {
  #list;
  #fetch;
  #newest = "";
  #etag = "";

  constructor({ list, fetch }) {
    this.#list = list;
    this.#fetch = fetch;
  }

  /**
   * What changed since the last call: `{answer: "ok" | "signed out" | "failed", jobs}`.
   * A page that changed nothing costs a 304.
   */
  async changes() {
    const first = this.#changesUrl();
    const jobs = [];
    for (let url = first, page = 0; url && page < PAGES; page += 1) {
      const response = await this.#get(url, url === first ? this.#etag : "");
      if (response?.status === 304) break;
      if (response?.status === 401 || response?.status === 403) return { answer: "signed out", jobs };
      if (!response?.ok) return { answer: "failed", jobs };
      const { results, next } = await response.json();
      if (url === first) this.#etag = response.headers.get("ETag") ?? "";
      jobs.push(...results);
      // Without anything known the first page is enough: it is what a page shows.
      url = this.#newest ? next : null;
    }
    for (const { updated_at: at } of jobs) if (at > this.#newest) this.#newest = at;
    return { answer: "ok", jobs };
  }

  /** `{job}`, `{isGone: true}` for one that is not there (any more), or neither. */
  async job(id) {
    const response = await this.#get(`${this.#list}${id}/`);
    return { job: response?.ok ? await response.json() : null, isGone: response?.status === 404 };
  }

  /** The newest jobs in `state`. */
  async inState(state) {
    const response = await this.#get(`${this.#list}?state=${state}&page_size=${PAGE_SIZE}`);
    return response?.ok ? (await response.json()).results : [];
  }

  #changesUrl() {
    const url = `${this.#list}?ordering=-updated_at&page_size=${PAGE_SIZE}`;
    if (!this.#newest) return url;
    const since = new Date(Date.parse(this.#newest) - OVERLAP_MS).toISOString();
    return `${url}&updated_since=${encodeURIComponent(since)}`;
  }

  async #get(url, etag = "") {
    const headers = { Accept: "application/json", ...(etag && { "If-None-Match": etag }) };
    try {
      return await this.#fetch(url, { headers, credentials: "same-origin" });
    } catch {
      return null; // the network is away; the caller waits and asks again
    }
  }
}
