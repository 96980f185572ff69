/** Chosen films before they are sent: pure functions. */

import { megabytes } from "./words.js";

const LONGEST_PAUSE_SECONDS = 60;
// Less than a hundredth of a megabyte would read as nothing.
const LEAST_SHOWN = 10_000;

/** Bytes in megabytes, never as nothing. */
export function formatBytes(bytes) {
  return megabytes(Math.max(bytes, LEAST_SHOWN));
}

/**
 * The word of this page for what no server would take; empty for all else. The name says nothing:
 * films come without any ending, and the server looks into the file.
 */
export function refusalOf(file, { max_bytes: most }) {
  if (file.size === 0) return "empty_file";
  return file.size > most ? "too_large" : "";
}

/** The wishes of a form as the API names them: no files, no token, nothing empty. */
export function fieldsOf(entries) {
  const fields = {};
  for (const [name, value] of entries) {
    if (typeof value === "string" && value.trim() !== "" && name !== "csrfmiddlewaretoken") fields[name] = value;
  }
  return fields;
}

/** Seconds to wait before the same request may come again, or 0 when waiting does not help. */
export function pauseOf({ status, body }) {
  const seconds = status === 429 ? Number(body?.retry_after_seconds ?? 0) : 0;
  return seconds <= LONGEST_PAUSE_SECONDS ? seconds : 0;
}
