/** The page of one film: viewer, stages, the report that changes when its job ends. */

import "./xray-viewer.js";
import "./xray-stages.js";
import "./xray-highlight.js";
import { fetchPiece } from "./enhance-open.js";
import { announce } from "./xray-words.js";

const OCCUPIED = "textarea, input[name=comment]";

/** The report part as the server has it now; never under somebody who is writing a review. */
document.addEventListener("xray-report-ended", async () => {
  const section = document.getElementById("report");
  if (!section || section.querySelector(OCCUPIED)?.matches(":focus")) return;
  const url = new URL(location.href);
  url.searchParams.set("mode", "llm");
  url.searchParams.delete("version");
  url.hash = "";
  const fresh = await fetchPiece(url.href, "#report");
  if (!fresh) return;
  section.replaceWith(fresh);
  history.replaceState(null, "", url);
  announce(fresh.querySelector("h2").textContent);
});
