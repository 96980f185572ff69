import assert from "node:assert/strict";
import { test } from "node:test";

test("a theme is kept though the page is left before the server's answer", async () => {
  const listeners = {};
  const root = { dataset: {}, querySelector: () => null, querySelectorAll: () => [] };
  const sent = [];
  globalThis.document = {
    documentElement: root,
    addEventListener: (type, listener) => (listeners[type] = listener),
  };
  globalThis.fetch = async (url, request) => {
    sent.push({ url, request });
    return { type: "opaqueredirect" };
  };
  globalThis.FormData = class extends Map {
    constructor() {
      super(); // of a form without fields
    }
  };
  await import("../../../static/js/theme.js");
  const form = { matches: () => true, dataset: {}, action: "/theme/", requestSubmit: () => assert.fail("sent twice") };
  await listeners.submit({ target: form, submitter: { value: "dark" }, preventDefault: () => {} });
  assert.equal(root.dataset.theme, "dark");
  assert.equal(sent.length, 1);
  assert.equal(sent[0].request.keepalive, true);
  assert.equal(sent[0].request.body.get("theme"), "dark");
});
