import assert from "node:assert/strict";
import { test } from "node:test";

import { factsText } from "../../../static/js/enhance-job.js";
import { choiceOf, searchOptions } from "../../../static/js/compose-faces.js";
import { placeBox } from "../../../static/js/face-boxes.js";
import { changesOf } from "../../../static/js/face-strip.js";

const DATA = { words: { tile: "tile %(done)s of %(total)s", face: "face %(done)s of %(total)s" } };

test("a box of the source lies on the enlarged picture, however it is zoomed and moved", () => {
  const picture = { width: 1520, height: 840 };
  const at = (view) => placeBox([100, 50, 80, 40], { view, picture, sourceWidth: 760 });
  assert.deepEqual(at({ x: 0, y: 0, scale: 1 }), { x: 200, y: 100, width: 160, height: 80 });
  assert.deepEqual(at({ x: 10, y: -5, scale: 0.5 }), { x: 110, y: 45, width: 80, height: 40 });
});

test("a form in per cent asks for shares, never beyond nothing and all", () => {
  const rows = [
    { index: 0, enabled: true, percent: 45 },
    { index: 2, enabled: false, percent: 130 },
    { index: 3, enabled: true, percent: -1 },
  ];
  assert.deepEqual(changesOf(rows), [
    { index: 0, enabled: true, fidelity: 0.45 },
    { index: 2, enabled: false, fidelity: 1 },
    { index: 3, enabled: true, fidelity: 0 },
  ]);
});

test("tiles are counted first, then faces", () => {
  const text = (done, total) => factsText({ state: "running", done, total }, DATA, 4);
  assert.equal(text(3, 6), "tile 3 of 4");
  assert.equal(text(4, 6), "face 0 of 2");
  assert.equal(text(6, 6), "face 2 of 2");
  assert.equal(text(4, 4), "tile 4 of 4");
});

test("the ticks become a word where one fits, else the numbers", () => {
  assert.equal(choiceOf([true, true]), "all");
  assert.equal(choiceOf([true, false, true]), "0,2");
  assert.equal(choiceOf([false, false]), "none");
});

test("a search asks for all faces and nothing that only a run knows", () => {
  const options = { scale: "2", faces: "0,2", cache: "true", ttl: "60", min_face: "30" };
  assert.deepEqual(searchOptions(options), { scale: "2", faces: "all", min_face: "30" });
});
