// Small elements of forms: copy, show, move the edge of the example.
import assert from "node:assert/strict";
import { test } from "node:test";
import { copy } from "../../../static/js/copy-text.js";
import { edgeOf } from "../../../static/js/example-split.js";
import { typeFor } from "../../../static/js/show-password.js";

test("what is copied is what the field holds", async () => {
  const written = [];
  assert.equal(await copy("omni_x", { writeText: async (text) => written.push(text) }), true);
  assert.deepEqual(written, ["omni_x"]);
});

test("a browser without a clipboard, or one that refuses, is told apart from a success", async () => {
  assert.equal(await copy("x", undefined), false);
  const refuse = async () => {
    throw new DOMException("no", "NotAllowedError");
  };
  assert.equal(await copy("x", { writeText: refuse }), false);
});

test("a fault of another kind is not swallowed", async () => {
  const broken = async () => {
    throw new TypeError("broken");
  };
  await assert.rejects(copy("x", { writeText: broken }), TypeError);
});

test("a shown password is text, a hidden one a password", () => {
  assert.deepEqual([typeFor(true), typeFor(false)], ["text", "password"]);
});

test("the edge of the example stays within the picture", () => {
  assert.deepEqual(["0", "37.5", "100"].map(edgeOf), ["0%", "37.5%", "100%"]);
  assert.deepEqual(["-5", "130", "", "x"].map(edgeOf), ["0%", "100%", "50%", "50%"]);
});
