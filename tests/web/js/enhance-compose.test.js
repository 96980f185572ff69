import assert from "node:assert/strict";
import { test } from "node:test";

import { extensionOf, fitted, formatOf, hasFiles, refusalOf } from "../../../static/js/compose-files.js";
import { Estimates, keyOf, totalSeconds } from "../../../static/js/compose-estimate.js";
import { RequestKey, optionsOf, problemText } from "../../../static/js/compose-send.js";
import { buttonText, pauseOf } from "../../../static/js/enhance-compose.js";
import { factsOf } from "../../../static/js/compose-draft.js";
import { wantsDialog } from "../../../static/js/compose-camera.js";
import { useWords } from "../../../static/js/words.js";

const POLICY = {
  extensions: { png: "PNG", jpg: "JPEG", jpeg: "JPEG" },
  max_bytes: 100,
  refusals: { unsupported_format: "No picture.", empty_file: "Empty.", too_large_bytes: "Too large." },
};

test("a file is refused here only for what the server refuses, in its words", () => {
  const judge = (name, size) => refusalOf({ name, size }, POLICY);
  assert.equal(judge("a.png", 100), null);
  assert.equal(judge("A.JPEG", 1), null);
  assert.deepEqual(judge("a.txt", 1), { code: "unsupported_format", detail: "No picture." });
  assert.deepEqual(judge("png", 1), { code: "unsupported_format", detail: "No picture." });
  assert.deepEqual(judge("a.png", 0), { code: "empty_file", detail: "Empty." });
  assert.deepEqual(judge("a.png", 101), { code: "too_large_bytes", detail: "Too large." });
});

test("the extension is what stands behind the last dot", () => {
  assert.deepEqual(["a.b.PNG", "none", ".png"].map(extensionOf), ["png", "", "png"]);
  assert.equal(formatOf("x.JPG", POLICY), "JPEG");
});

test("a small copy keeps its shape and is never enlarged", () => {
  assert.deepEqual(fitted(960, 480), [480, 240]);
  assert.deepEqual(fitted(100, 50), [100, 50]);
  assert.deepEqual(fitted(10_000, 1), [480, 1]);
});

test("dragged text is not taken for files", () => {
  assert.equal(hasFiles({ types: ["text/plain"] }), false);
  assert.equal(hasFiles({ types: ["Files"] }), true);
  assert.equal(hasFiles(undefined), false);
});

test("the time of several photos is known only when each is known", () => {
  assert.equal(totalSeconds([{ seconds: 3 }, { seconds: 4.5 }]), 7.5);
  assert.equal(totalSeconds([{ seconds: 3 }, { seconds: null }]), null);
  assert.equal(totalSeconds([{ seconds: 3 }, null]), null);
  assert.equal(totalSeconds([]), null);
});

test("each size is asked for once, and again after no answer", async () => {
  const asked = [];
  const answers = [null, { status: 200, body: { seconds: 2, output_width: 8, output_height: 4 } }];
  const estimates = new Estimates(async (body) => {
    asked.push(body);
    return answers[Math.min(asked.length, answers.length) - 1];
  });
  const picture = { width: 2, height: 1, format: "JPEG" };
  assert.equal(await estimates.of({ scale: "4" }, picture), null);
  const known = { seconds: 2, width: 8, height: 4 };
  assert.deepEqual(await estimates.of({ scale: "4" }, picture), known);
  assert.deepEqual(await estimates.of({ scale: "4" }, { ...picture }), known);
  assert.equal(asked.length, 2);
  assert.deepEqual(asked[1], { scale: "4", width: 2, height: 1, source_format: "JPEG" });
  await estimates.of({ scale: "8" }, picture);
  assert.equal(asked.length, 3);
});

test("a plan that the server refuses is a refusal, a wrong field is no answer", async () => {
  const refused = new Estimates(async () => ({ status: 422, body: { code: "output_too_large", detail: "Too large." } }));
  const picture = { width: 2, height: 1, format: "PNG" };
  assert.deepEqual(await refused.of({}, picture), {
    refusal: { code: "output_too_large", detail: "Too large." },
  });
  const wrong = new Estimates(async () => ({ status: 400, body: { code: "invalid" } }));
  assert.equal(await wrong.of({}, picture), null);
});

test("the order of options does not make another estimate", () => {
  const picture = { width: 2, height: 1, format: "PNG" };
  assert.equal(keyOf({ a: "1", b: "2" }, picture), keyOf({ b: "2", a: "1" }, picture));
});

test("a form becomes the options of the API", () => {
  const entries = [
    ["csrfmiddlewaretoken", "x"], ["source", "id"], ["file", { name: "a.png" }],
    ["scale", "other"], ["scale_other", "2.5"], ["tile_pad", ""],
    ["keep_gps", "false"], ["keep_metadata", "false"], ["keep_metadata", "true"],
  ];
  assert.deepEqual(optionsOf(entries), { scale: "2.5", keep_gps: "false", keep_metadata: "true" });
  assert.deepEqual(optionsOf([["scale", "4"], ["scale_other", "9"]]), { scale: "4" });
  assert.deepEqual(optionsOf([["scale", "other"], ["scale_other", ""]]), { scale: "other" });
});

test("a target takes the place of the scale, and what was typed for another choice is left out", () => {
  const sides = [["target_width", "640"], ["target_height", ""], ["megapixels", ""]];
  assert.deepEqual(optionsOf([["scale", "target"], ...sides]), { target_width: "640" });
  assert.deepEqual(optionsOf([["scale", "4"], ...sides]), { scale: "4" });
  assert.deepEqual(optionsOf([["scale", "target"]]), { scale: "target" });
});

test("a repeated request keeps its key, other options and a judged one get a new key", () => {
  let drawn = 0;
  const key = new RequestKey(() => `key-${(drawn += 1)}`);
  assert.equal(key.for({ scale: "4" }), "key-1");
  assert.equal(key.for({ scale: "4" }), "key-1");
  assert.equal(key.for({ scale: "2" }), "key-2");
  key.spend();
  assert.equal(key.for({ scale: "2" }), "key-3");
});

test("a problem is told with its wrong fields, and without a document by the fallback", () => {
  const problem = { detail: "Wrong.", fields: { scale: [{ detail: "Too much." }] } };
  assert.equal(problemText(problem, "?"), "Wrong. scale: Too much.");
  assert.equal(problemText(null, "no answer"), "no answer");
});

test("only a short pause is waited out", () => {
  assert.equal(pauseOf({ status: 429, body: { retry_after_seconds: 20 } }), 20);
  assert.equal(pauseOf({ status: 429, body: { retry_after_seconds: 3600 } }), 0);
  assert.equal(pauseOf({ status: 422, body: { retry_after_seconds: 20 } }), 0);
  assert.equal(pauseOf({ status: 429, body: null }), 0);
});

test("the button says how many and how long, and never invents a time", () => {
  const words = { enlarge: "Enlarge", with_time: "%(action)s, about %(time)s" };
  const say = {
    words,
    countWords: (count) => `Enlarge ${count} photos`,
    time: (seconds) => `${seconds} s`,
  };
  assert.equal(buttonText(0, null, say), "Enlarge");
  assert.equal(buttonText(3, null, say), "Enlarge 3 photos");
  assert.equal(buttonText(3, 40, say), "Enlarge 3 photos, about 40 s");
});

test("a card says what is known of its photo", () => {
  useWords({ "unit.megabytes": "%(megabytes)s MB", "duration.seconds": "%(seconds)s s" }, "en");
  const words = { size: "%(width)s × %(height)s", from_to: "%(from)s → %(to)s", takes: "about %(time)s" };
  const picture = { width: 3, height: 2 };
  assert.equal(factsOf({ size: 1_200_000, picture: null, plan: null }, words), "1.2 MB");
  assert.equal(factsOf({ size: 1_200_000, picture, plan: null }, words), "1.2 MB · 3\u00a0×\u00a02");
  const plan = { width: 12, height: 8, seconds: 4 };
  assert.equal(factsOf({ size: 1_200_000, picture, plan }, words), "1.2 MB · 3\u00a0×\u00a02 → 12\u00a0×\u00a08 · about 4 s");
  const refused = { refusal: { code: "x", detail: "y" } };
  assert.equal(factsOf({ size: 1_200_000, picture, plan: refused }, words), "1.2 MB · 3\u00a0×\u00a02");
});

test("the camera dialog is for devices with a mouse and a camera interface", () => {
  const mediaDevices = { getUserMedia() {} };
  assert.equal(wantsDialog({ mediaDevices, isCoarse: false }), true);
  assert.equal(wantsDialog({ mediaDevices, isCoarse: true }), false);
  assert.equal(wantsDialog({ mediaDevices: undefined, isCoarse: false }), false);
});
