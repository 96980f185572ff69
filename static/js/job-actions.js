/** Cancelling and running again from a page, with the reason in words when it is refused. */

import { word } from "./words.js";

const API = "/api/v1/jobs/";

/**
 * `{job}` as it is now, or `{error}` in the reader's language. `csrf` is the token that the page
 * carries; `request` is what a browser's fetch does.
 */
export async function act(action, id, { csrf, request = fetch }) {
  let response;
  try {
    response = await request(`${API}${id}/${action}/`, {
      method: "POST",
      credentials: "same-origin",
      headers: { Accept: "application/json", "X-CSRFToken": csrf },
    });
  } catch {
    return { error: word("tray.offline") };
  }
  const isJson = /[/+]json/.test(response.headers.get("Content-Type") ?? "");
  const answer = isJson ? await response.json() : {};
  if (response.ok) return { job: answer };
  return { error: answer.detail ?? word("tray.refused", { status: response.status }) };
}
