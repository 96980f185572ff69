/** One job in words: what the tray, the pill and the messages say. No page is needed here. */

import { isOpen } from "./job-model.js";
import { duration, percent, relative, stageWord, stateWord, word } from "./words.js";

const CALM_ABOVE_SECONDS = 20;
const STEP_SECONDS = 5;
const NEWS_MS = 60_000;

/** Seconds to the end as a person wants to read them: calm, and silent once the time is up. */
export function remaining(job, heardAt, now) {
  if (job.eta_seconds === null || job.eta_seconds === undefined) return "";
  const left = job.eta_seconds - (now - heardAt) / 1000;
  if (left < 1) return "";
  const calm = left > CALM_ABOVE_SECONDS ? Math.ceil(left / STEP_SECONDS) * STEP_SECONDS : left;
  return word("tray.eta", { time: duration(calm) });
}

function place({ queue_position: position }) {
  if (!position) return "";
  return position === 1 ? word("tray.next") : word("tray.place", { n: position });
}

function openWords(job, heardAt, now) {
  if (job.cancel_requested) return [word("tray.stopping")];
  if (job.state === "queued") return [place(job) || stateWord(job), remaining(job, heardAt, now)];
  return [stageWord(job), percent(job.progress), remaining(job, heardAt, now)];
}

/** How long it took while that is news, later how long ago it was. */
function endedWords(job, now) {
  if (job.state === "failed") return [stateWord(job), job.error?.detail];
  if (!job.finished_at) return [stateWord(job)];
  const ended = new Date(job.finished_at);
  const took = job.started_at ? (ended - new Date(job.started_at)) / 1000 : 0;
  const isNews = job.state === "succeeded" && took > 0 && now - ended < NEWS_MS;
  const when = isNews ? word("tray.took", { time: duration(Math.max(1, took)) }) : relative(ended, now);
  return [stateWord(job), when];
}

/** The second line of a row. */
export function rowWords(job, heardAt, now = new Date()) {
  const parts = isOpen(job) ? openWords(job, heardAt, now) : endedWords(job, now);
  return parts.filter(Boolean).join(" · ");
}

/** What to say aloud when `before` became `job`; empty unless it has just ended. */
export function announcement(before, job) {
  const hasEnded = before && isOpen(before) && !isOpen(job);
  return hasEnded ? word(`say.${job.state}`, { title: job.title ?? stateWord(job) }) : "";
}
