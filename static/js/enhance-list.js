/** The list page: accepted photos get a live card, the first result opens by itself. */

import "./image-drop.js";
import "./enhance-compose.js";
import "./enhance-batch.js";
import "./enhance-job.js";
import "./face-strip.js";
import "./enhance-star.js";
import "./tile-reveal.js";
import { announce, data, say } from "./enhance-words.js";
import { fetchPiece, reveal } from "./enhance-open.js";

const work = document.querySelector("[data-work]");
const workList = document.querySelector("[data-work-list]");
const batches = document.querySelector("[data-batches]");
const results = document.querySelector("[data-results]");
const opened = document.querySelector("[data-opened]");
const NARROW = "(max-width: 999px)";
let hasOpened = false;

const cardOf = (task) => fetchPiece(`${data.urls.page}${task}/card/`, "li");

/** Put the server's card of `task` where it belongs: at work, or among the results. */
async function place(task, { url = "", replaces = null } = {}) {
  const card = await cardOf(task);
  if (!card) return null;
  document.getElementById(card.id)?.remove();
  const image = url && card.querySelector(".tile-reveal-before");
  if (image) {
    image.addEventListener("load", () => URL.revokeObjectURL(url), { once: true });
    image.src = url;
  }
  if (card.classList.contains("result-card")) {
    results.prepend(card);
    results.hidden = false;
    document.querySelector("[data-empty]")?.remove();
    document.getElementById(`work-${task}`)?.remove();
  } else if (replaces?.isConnected) replaces.replaceWith(card);
  else workList.append(card);
  work.hidden = workList.children.length === 0;
  return card;
}

/** Show the finished enlargement in this page; the rest of the page stays as it is. */
async function open(task, name) {
  const article = await fetchPiece(`${data.urls.page}${task}/`, "#enhancement");
  if (!article) return;
  // Here the keys of the canvas would leave the page or press buttons that nobody looks at.
  article.querySelector("image-canvas")?.setAttribute("data-no-keys", "");
  for (const link of article.querySelectorAll("[data-go=previous], [data-go=next]")) link.remove();
  const head = opened.querySelector("template").content.cloneNode(true);
  head.querySelector("[data-opened-name]").textContent = name;
  head.querySelector("[data-opened-page]").href = `${data.urls.page}${task}/`;
  head.querySelector("[data-opened-close]").addEventListener("click", close);
  for (const old of opened.querySelectorAll(":scope > :not(template)")) old.remove();
  opened.append(head, article);
  opened.hidden = false;
  reveal(opened);
  announce(say("opened", { name }));
}

function close() {
  for (const old of opened.querySelectorAll(":scope > :not(template)")) old.remove();
  opened.hidden = true;
  results.querySelector("a:not([tabindex])")?.focus();
}

/** The first result opens by itself; of the others the page speaks. */
async function show(task, { state, name, reason = "" }) {
  if (state === "succeeded" && !hasOpened) {
    hasOpened = true;
    await open(task, name);
  } else {
    const key = state === "succeeded" ? "finished" : state;
    announce(say(key, { name, reason }));
  }
}

document.addEventListener("enhance-accepted", async ({ detail }) => {
  const wasEmpty = workList.children.length === 0;
  const card = await place(detail.task, { url: detail.url, replaces: detail.replaces?.closest("li") });
  // Small photos end before their card is here.
  if (card?.classList.contains("result-card")) await show(detail.task, { state: "succeeded", name: detail.name });
  // On a phone the work is below the form: go there with the first photo.
  if (card && wasEmpty && matchMedia(NARROW).matches) reveal(work);
});

document.addEventListener("enhance-batch", async ({ detail }) => {
  const summary = await fetchPiece(`${data.urls.page}batches/${detail.batch}/summary/`, "enhance-batch");
  if (!summary) return;
  document.getElementById(summary.id)?.remove();
  batches.prepend(summary);
  batches.hidden = false;
});

document.addEventListener("enhance-ended", async ({ target, detail }) => {
  const replaces = target.closest("li");
  await show(detail.job, detail);
  await place(detail.job, { replaces });
});
