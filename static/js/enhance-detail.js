/** The page of one enlargement: when its job ends, the result takes the place of the progress. */

import "./enhance-job.js";
import "./enhance-star.js";
import "./face-strip.js";
import "./tile-reveal.js";
import { announce, say } from "./enhance-words.js";
import { fetchPiece } from "./enhance-open.js";

const TRIES = 3;

/** The article as the server shows it now; the event may be a moment ahead of the page. */
async function ended(job) {
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const article = await fetchPiece(location.href, `#enhancement[data-job="${job}"]`);
    if (article && !article.querySelector("enhance-job[live]")) return article;
    await new Promise((resolve) => setTimeout(resolve, 500 * attempt));
  }
  return null;
}

document.addEventListener("enhance-ended", async ({ detail }) => {
  const { job, state, name, reason } = detail;
  const article = await ended(job);
  if (!article) {
    announce(say("save_failed"));
    return;
  }
  document.getElementById("enhancement")?.replaceWith(article);
  // The bar of the canvas has these links as well.
  if (article.querySelector("image-canvas")) document.querySelector(".enhance-neighbours")?.remove();
  announce(say(state === "succeeded" ? "finished" : state, { name, reason }));
});
