import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import * as words from "../../../static/js/words.js";

const TABLE = {
  "state.queued": "Queued", "state.running": "Running", "state.succeeded": "Succeeded",
  "stage.loading_model": "Loading the model", "stage.enhance.photo.background": "Enlarging",
  "stage.enhance.photo.loading_model": "Loading the network",
  "duration.seconds": "%(seconds)s s", "duration.minutes": "%(minutes)s min",
  "duration.hours": "%(hours)s h", "duration.hours_minutes": "%(hours)s h %(minutes)s min",
  "unit.megabytes": "%(megabytes)s MB", "relative.now": "now", "tray.units": "%(done)s of %(total)s",
};

beforeEach(() => words.useWords(TABLE, "en"));

test("named places are filled, and what is not given stays visible", () => {
  assert.equal(words.word("tray.units", { done: 3, total: 9 }), "3 of 9");
  assert.equal(words.word("tray.units", { done: 3 }), "3 of %(total)s");
  assert.equal(words.word("tray.units", { done: 0, total: "$&" }), "0 of $&");
  assert.equal(words.word("no.such"), "no.such");
});

test("durations are said in the largest units that matter", () => {
  const said = [0, 0.4, 40, 59.4, 59.6, 89, 130, 3540, 3599, 3600, 3900, 90000].map(words.duration);
  assert.deepEqual(said, [
    "0 s", "0 s", "40 s", "59 s", "1 min", "1 min", "2 min", "59 min", "1 h", "1 h", "1 h 5 min", "25 h",
  ]);
});

test("sizes are megabytes with a digit while they are small", () => {
  assert.deepEqual([1, 3_440_000, 9_960_000, 12_400_000, 1_234_000_000].map(words.megabytes), [
    "0.00 MB", "3.4 MB", "10.0 MB", "12 MB", "1234 MB",
  ]);
});

test("a share is whole only at the end", () => {
  assert.deepEqual([-0.1, 0, 0.426, 0.999, 1].map(words.percent), ["0%", "0%", "42%", "99%", "100%"]);
});

test("distances in time are said in the language of the page", () => {
  const now = new Date("2026-11-22T12:00:00Z");
  const ago = (seconds) => words.relative(new Date(now - seconds * 1000), now);
  assert.deepEqual([3, 61, 3 * 3600, 86400, 40 * 86400].map(ago), [
    "now", "1 minute ago", "3 hours ago", "1 day ago", "October 13, 2026",
  ]);
  assert.equal(words.relative("2026-11-22T14:00:00Z", now), "in 2 hours");
  words.useWords(TABLE, "zh-hans");
  assert.equal(ago(3 * 3600), "3 小时前");
});

test("a stage is said in the words of its kind, else the platform's, else its state", () => {
  const job = { kind: "enhance.photo", state: "running" };
  const said = ["background", "loading_model", "", "strange"].map((stage) => words.stageWord({ ...job, stage }));
  assert.deepEqual(said, ["Enlarging", "Loading the network", "Running", "strange"]);
  assert.equal(words.stageWord({ ...job, kind: "other", stage: "loading_model" }), "Loading the model");
  assert.equal(words.stageWord({ ...job, state: "succeeded", stage: "background" }), "Succeeded");
});
