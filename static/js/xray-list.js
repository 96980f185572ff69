/** The worklist: films are sent from here, their rows follow the feed. */

import "./image-drop.js";
import "./xray-compose.js";
import { fetchPiece, reveal } from "./enhance-open.js";
import { knownJob } from "./job-known.js";
import { data } from "./xray-words.js";

const ENDED = new Set(["succeeded", "failed", "cancelled"]);
const list = () => document.querySelector("[data-worklist]");
const rowOf = (study) => fetchPiece(`${data.urls.page}${study}/row/`, "tr");

let opening = null;

/** The first film of a list without a row, empty or narrowed to nothing: the server draws the table. */
async function openList() {
  const fresh = await fetchPiece(data.urls.page, ".worklist");
  if (!fresh) return;
  document.querySelector(".worklist").replaceWith(fresh);
  history.replaceState(null, "", data.urls.page);
  catchUp();
}

/** The server's row of `study`, in the place of the one that is shown, else at the top. */
async function place(study) {
  if (!list()) await (opening ??= openList().finally(() => (opening = null)));
  const fresh = await rowOf(study);
  if (!fresh) return;
  const shown = document.getElementById(fresh.id);
  if (shown) shown.replaceWith(fresh);
  else list()?.prepend(fresh);
}

document.addEventListener("xray-accepted", async ({ detail }) => {
  if (detail.isOnly) {
    location.assign(detail.url);
    return;
  }
  await place(detail.study);
  // Its end may have come while the row was on its way.
  const known = knownJob(detail.study);
  if (known) await finish(known);
});

// Below the form of a small screen nobody would see that the films have gone there.
document.addEventListener("xray-sent", ({ detail }) => {
  const section = document.querySelector(".worklist");
  if (detail.accepted > 0 && !detail.hasBad && section.getBoundingClientRect().top > innerHeight / 2) reveal(section);
});

/** Draw the row of an ended job once more when it still shows progress. */
async function finish(job) {
  const row = document.querySelector(`tr[data-study="${CSS.escape(job.job)}"]`);
  if (row && ENDED.has(job.state) && row.querySelector("job-progress")) await place(job.job);
}

document.addEventListener("job", ({ detail }) => finish(detail));

/** What ended between the drawing of the rows and now was told already. */
function catchUp() {
  for (const { dataset } of document.querySelectorAll("tr[data-study]")) {
    const known = knownJob(dataset.study);
    if (known) finish(known);
  }
}

catchUp();
