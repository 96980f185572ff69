import assert from "node:assert/strict";
import { test } from "node:test";

import { followJob, knownJob } from "../../../static/js/job-known.js";
import { keepFocus } from "../../../static/js/operator-live.js";

function page(jobs) {
  const listeners = [];
  return {
    listeners,
    querySelector: () => (jobs === null ? null : { jobs }),
    addEventListener: (type, listener) => listeners.push([type, listener]),
  };
}

const ENDED = { job: "a", state: "succeeded" };

test("who comes after the last event hears of it, and of what follows", async () => {
  const heard = [];
  const listener = { handleEvent: (event) => heard.push(event) };
  const doc = page([{ job: "b", state: "running" }, ENDED]);
  followJob("a", listener, doc);
  assert.deepEqual(doc.listeners, [["job", listener]]);
  assert.deepEqual(heard, [], "the module that listens to this element has not run yet");
  await null;
  assert.deepEqual(heard, [{ type: "job", detail: ENDED }]);
});

test("an element that was taken out again hears nothing", async () => {
  const gone = { isConnected: false, handleEvent: () => assert.fail("it is not in the page") };
  followJob("a", gone, page([ENDED]));
  await null;
});

test("a job that was not told yet, a feed that is no element yet and no feed say nothing", async () => {
  const mute = { handleEvent: () => assert.fail("nothing was told") };
  for (const jobs of [[], undefined, null]) {
    followJob("a", mute, page(jobs));
    assert.equal(knownJob("a", page(jobs)), undefined);
    await null;
  }
});

/** A page whose focus `change` takes away, as moving or removing a node does. */
function focused({ isConnected = true, disabled = false } = {}) {
  const section = { isConnected: true, focus: () => (doc.activeElement = section) };
  const button = { isConnected, disabled, closest: () => section, focus: () => (doc.activeElement = button) };
  const doc = { activeElement: button };
  const region = { contains: (node) => node === button };
  return { doc, region, section, button, lose: () => (doc.activeElement = null) };
}

test("a button that only moved keeps the focus", () => {
  const { doc, region, button, lose } = focused();
  keepFocus(region, lose, doc);
  assert.equal(doc.activeElement, button);
});

test("the focus of a button that is gone or switched off goes to its table", () => {
  for (const state of [{ isConnected: false }, { disabled: true }]) {
    const { doc, region, section, lose } = focused(state);
    keepFocus(region, lose, doc);
    assert.equal(doc.activeElement, section);
  }
});
