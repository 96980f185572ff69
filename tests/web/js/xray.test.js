import assert from "node:assert/strict";
import { test } from "node:test";

import { CONTOUR, coloured, contour, tint } from "../../../static/js/xray-heat.js";
import { fieldsOf, pauseOf, refusalOf } from "../../../static/js/xray-files.js";
import { belongs, idsOf } from "../../../static/js/xray-highlight.js";
import { draftOf, queueText, stageText, walked } from "../../../static/js/xray-stages.js";
import { PLAIN, applyLookup, lookup, placed, stepped } from "../../../static/js/xray-tone.js";
import { wantsFull } from "../../../static/js/xray-viewer.js";

const grey = (values) => Uint8ClampedArray.from(values.flatMap((value) => [value, value, value, 255]));

test("the plain tone changes no grey value and inversion turns each around", () => {
  assert.deepEqual([...lookup(PLAIN)], Array.from({ length: 256 }, (_, value) => value));
  const inverted = lookup({ ...PLAIN, isInverted: true });
  assert.deepEqual([inverted[0], inverted[100], inverted[255]], [255, 155, 0]);
});

test("a narrow window is black below, white above and half at its level", () => {
  const table = lookup({ window: 20, level: 40, isInverted: false });
  assert.equal(table[Math.floor(0.3 * 255)], 0);
  assert.equal(table[Math.ceil(0.5 * 255)], 255);
  assert.ok(Math.abs(table[102] - 127.5) < 1);
});

test("keys change window and level within their limits", () => {
  assert.equal(stepped(PLAIN, { window: -1 }).window, 95);
  assert.equal(stepped({ ...PLAIN, window: 4 }, { window: -1 }).window, 2);
  assert.equal(stepped(PLAIN, { window: 1 }).window, 100);
  assert.equal(stepped({ ...PLAIN, level: 98 }, { level: 1 }).level, 100);
});

test("the lookup reads the film and never what was drawn before", () => {
  const source = grey([10, 200]);
  const shown = new Uint8ClampedArray(8);
  applyLookup(source, shown, lookup({ ...PLAIN, isInverted: true }));
  applyLookup(source, shown, lookup(PLAIN));
  assert.deepEqual([...shown], [...source]);
});

test("a corrected film lies as it was analysed", () => {
  const corner = ({ matrix: [a, b, c, d, e, f] }, x, y) => [a * x + c * y + e, b * x + d * y + f];
  const film = { width: 30, height: 20 };
  assert.deepEqual(corner(placed(film, ""), 0, 0), [0, 0]);
  assert.deepEqual(corner(placed(film, "rotate_180"), 0, 0), [30, 20]);
  // Clockwise: the top left corner comes to the top right.
  const clockwise = placed(film, "rotate_90");
  assert.deepEqual([clockwise.width, clockwise.height, ...corner(clockwise, 0, 0)], [20, 30, 20, 0]);
  assert.deepEqual(corner(placed(film, "rotate_270"), 0, 0), [0, 30]);
});

test("faint heat is not drawn and more heat is more opaque", () => {
  assert.deepEqual(tint(0), [0, 0, 0, 0]);
  assert.equal(tint(255)[3], 255);
  assert.ok(tint(200)[3] > tint(100)[3]);
  assert.deepEqual([...coloured(grey([0, 255]))], [...tint(0), ...tint(255)]);
});

test("the contour is the rim of what is hot, and only that", () => {
  const map = grey([0, 0, 0, 0, 0, 0, CONTOUR, CONTOUR, CONTOUR, 0, 0, CONTOUR, 255, CONTOUR, 0, 0, CONTOUR, CONTOUR, CONTOUR, 0, 0, 0, 0, 0, 0]);
  const rim = contour(map, 5, 5);
  const drawn = Array.from({ length: 25 }, (_, at) => rim[at * 4 + 3] > 0);
  assert.equal(drawn.filter(Boolean).length, 8);
  assert.equal(drawn[12], false);
  assert.equal(contour(grey([0, 127]), 2, 1).some(Boolean), false);
});

test("the full film is fetched only when the preview is stretched", () => {
  const film = { density: 1, width: 3000, loaded: 1280 };
  assert.equal(wantsFull({ ...film, scale: 0.3 }), false);
  assert.equal(wantsFull({ ...film, scale: 1 }), true);
  assert.equal(wantsFull({ ...film, width: 1000, loaded: 1000, scale: 8 }), false);
});

test("stages before the present one are done and those behind it are to come", () => {
  const codes = ["receive", "gate", "infer"];
  assert.deepEqual(walked(codes, { state: "running", stage: "gate" }), ["done", "now", ""]);
  assert.deepEqual(walked(codes, { state: "queued", stage: "" }), ["", "", ""]);
  assert.deepEqual(walked(codes, { state: "running", stage: "loading_model" }), ["", "", ""]);
  assert.deepEqual(walked(codes, { state: "succeeded", stage: "infer" }), ["done", "done", "done"]);
});

test("a live film says its step, its place, or that it stops", () => {
  const data = { states: { queued: "Queued", running: "Running" }, stages: { gate: "Checking" }, words: { stopping: "Stopping", next: "next", place: "place %(position)s" } };
  assert.equal(stageText({ state: "running", stage: "gate" }, data), "Checking");
  assert.equal(stageText({ state: "running", stage: "gate", cancel_requested: true }, data), "Stopping");
  assert.equal(queueText({ state: "queued", queue_position: 1 }, data), "next");
  assert.equal(queueText({ state: "queued", queue_position: 3 }, data), "place 3");
  assert.equal(queueText({ state: "running", queue_position: null }, data), "");
});

test("only a change that brings a draft touches the draft", () => {
  assert.equal(draftOf({ data: { draft: "The" } }), "The");
  assert.equal(draftOf({ data: { draft: "" } }), "");
  assert.equal(draftOf({ data: {} }), null);
  assert.equal(draftOf({}), null);
});

test("a sentence and its finding light up together, and no other does", () => {
  assert.deepEqual(idsOf({ findings: "F1 F2" }), ["F1", "F2"]);
  assert.deepEqual(idsOf({ findings: "" }), []);
  assert.equal(belongs(["F2"], { findings: "F1 F2" }), true);
  assert.equal(belongs(["F2"], { finding: "F1" }), false);
  assert.equal(belongs([], { finding: "F1" }), false);
});

test("a film needs no ending in its name, but bytes, and not too many", () => {
  assert.equal(refusalOf({ name: "IM000001", size: 10 }, { max_bytes: 100 }), "");
  assert.equal(refusalOf({ name: "a.dcm", size: 0 }, { max_bytes: 100 }), "empty_file");
  assert.equal(refusalOf({ name: "a.dcm", size: 101 }, { max_bytes: 100 }), "too_large");
});

test("what is empty is not sent, nor the token nor the file", () => {
  const entries = [["csrfmiddlewaretoken", "t"], ["file", {}], ["language", "en"], ["indication", "  "], ["use_ollama", "true"]];
  assert.deepEqual(fieldsOf(entries), { language: "en", use_ollama: "true" });
});

test("only a short pause is waited for", () => {
  assert.equal(pauseOf({ status: 429, body: { retry_after_seconds: 5 } }), 5);
  assert.equal(pauseOf({ status: 429, body: { retry_after_seconds: 600 } }), 0);
  assert.equal(pauseOf({ status: 503, body: { retry_after_seconds: 5 } }), 0);
});
