import assert from "node:assert/strict";
import { test } from "node:test";

import { factsText, later, stageText } from "../../../static/js/enhance-job.js";
import { fill, sayCount } from "../../../static/js/enhance-words.js";
import { PreviewLoader, fetchPreview, gridPath, previewVersion, seams, tileAt } from "../../../static/js/tile-reveal.js";
import { useWords } from "../../../static/js/words.js";

const DATA = {
  states: { queued: "Queued", running: "Running", failed: "Failed" },
  stages: { background: "Enlarging" },
  words: {
    stopping: "Stopping", tile: "tile %(done)s of %(total)s", left: "about %(time)s left",
    place: "place %(position)s in the queue", next: "next in the queue",
  },
};
const GEOMETRY = { width: 300, height: 200, columns: [128, 256], rows: [100] };

useWords({ "duration.seconds": "%(seconds)s s", "duration.minutes": "%(minutes)s min" }, "en");

test("a running job says its step, a stopped one that it stops", () => {
  assert.equal(stageText({ state: "running", stage: "background" }, DATA), "Enlarging");
  assert.equal(stageText({ state: "running", stage: "unknown" }, DATA), "Running");
  assert.equal(stageText({ state: "running", stage: "background", cancel_requested: true }, DATA), "Stopping");
  assert.equal(stageText({ state: "failed", cancel_requested: true }, DATA), "Failed");
});

test("facts name only what is known", () => {
  const running = { state: "running", done: 3, total: 9 };
  assert.equal(factsText({ ...running, eta_seconds: null }, DATA), "tile 3 of 9");
  assert.equal(factsText({ ...running, eta_seconds: 40 }, DATA), "tile 3 of 9 · about 40 s left");
  assert.equal(factsText({ state: "queued", queue_position: 1 }, DATA), "next in the queue");
  assert.equal(factsText({ state: "queued", queue_position: 4, eta_seconds: 120 }, DATA), "place 4 in the queue · about 2 min left");
  assert.equal(factsText({ state: "running", done: 0, total: 0 }, DATA), "");
});

test("between two events the time shrinks and never ends by itself", () => {
  assert.equal(later({ eta_seconds: 10 }, 4).eta_seconds, 6);
  assert.equal(later({ eta_seconds: 10 }, 400).eta_seconds, 1);
  assert.equal(later({ eta_seconds: null }, 4).eta_seconds, null);
});

test("the grid is drawn at the seams, and a tile is found in the order of the run", () => {
  assert.deepEqual(seams("128 256"), [128, 256]);
  assert.deepEqual(seams(""), []);
  assert.equal(gridPath(GEOMETRY), "M128 0V200M256 0V200M0 100H300");
  assert.deepEqual(tileAt(0, GEOMETRY), { x: 0, y: 0, width: 128, height: 100 });
  assert.deepEqual(tileAt(5, GEOMETRY), { x: 256, y: 100, width: 44, height: 100 });
  assert.equal(tileAt(6, GEOMETRY), null);
});

test("an event without a preview tells of none", () => {
  assert.equal(previewVersion({ data: { preview: 7, box: [0, 0, 1, 1] } }), 7);
  assert.equal(previewVersion({ data: {} }), 0);
  assert.equal(previewVersion({}), 0);
});

function loader(versions) {
  const shown = [];
  const waiting = [];
  const made = new PreviewLoader({
    fetch: () => new Promise((resolve) => waiting.push(resolve)),
    show: (blob) => shown.push(blob),
  });
  const answer = async () => {
    const version = versions.shift();
    waiting.shift()(version === null ? null : { version, blob: `picture ${version}` });
    await new Promise(setImmediate);
  };
  return { made, shown, waiting, answer };
}

test("previews are fetched one after the other, and only the newest that was told of", async () => {
  const { made, shown, waiting, answer } = loader([1, 4]);
  made.want(0);
  made.want(2);
  made.want(3);
  made.want(4);
  assert.equal(waiting.length, 1);
  await answer();
  assert.equal(waiting.length, 1);
  await answer();
  assert.deepEqual(shown, ["picture 1", "picture 4"]);
  assert.equal(waiting.length, 0);
});

test("an old preview is neither fetched nor shown again", async () => {
  const { made, shown, waiting, answer } = loader([5, 5]);
  made.want(0);
  await answer();
  made.want(4);
  made.want(5);
  assert.equal(waiting.length, 0);
  made.want(0);
  await answer();
  assert.deepEqual(shown, ["picture 5"]);
});

test("without an answer it asks no more until the next event", async () => {
  const { made, shown, waiting, answer } = loader([null, 3]);
  made.want(2);
  await answer();
  assert.equal(waiting.length, 0);
  made.want(3);
  await answer();
  assert.deepEqual(shown, ["picture 3"]);
});

test("204, a lost job and a lost network are no preview", async () => {
  const io = (status) => ({
    fetch: async () => ({ status, headers: new Headers({ "X-Preview-Version": "3" }), blob: async () => "b" }),
  });
  assert.deepEqual(await fetchPreview("/p", io(200)), { version: 3, blob: "b" });
  assert.equal(await fetchPreview("/p", io(204)), null);
  assert.equal(await fetchPreview("/p", io(404)), null);
  const gone = { fetch: async () => { throw new TypeError("offline"); } };
  assert.equal(await fetchPreview("/p", gone), null);
});

test("words are filled by name, and counts take their form", () => {
  assert.equal(fill("%(a)s of %(b)s", { a: 1, b: 2 }), "1 of 2");
  assert.equal(fill("%(a)s %(c)s", { a: "$&" }), "$& %(c)s");
  assert.equal(sayCount("added", 1, "en"), "added_one");
  assert.equal(sayCount("added", 2, "en"), "added_other");
  assert.equal(sayCount("added", 1, "zh-hans"), "added_other");
});
