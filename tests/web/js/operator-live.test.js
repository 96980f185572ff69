import assert from "node:assert/strict";
import { test } from "node:test";

import { alike } from "../../../static/js/morph.js";
import { Repeater } from "../../../static/js/operator-live.js";

/** A repeater whose answers and clock the test holds; `told` and `shown` is what it did. */
function held(answers) {
  const seen = { told: [], shown: [], waits: [] };
  let due = null;
  const repeater = new Repeater({
    read: async () => answers.shift(),
    show: (page) => seen.shown.push(page),
    tell: (name) => seen.told.push(name),
    setTimeout: (action, ms) => {
      seen.waits.push(ms);
      due = action;
      return 1;
    },
    clearTimeout: () => {
      due = null;
    },
  });
  const settle = async () => {
    for (let turn = 0; turn < 5; turn += 1) await null;
  };
  const later = async () => {
    const action = due;
    due = null;
    action?.();
    await settle();
    return action !== null;
  };
  return { repeater, seen, settle, later };
}

test("it reads every three seconds, and less often when nobody answers", async () => {
  const { repeater, seen, settle, later } = held(["a", undefined, "b"]);
  repeater.set({ hidden: false });
  await settle();
  await later();
  await later();
  assert.deepEqual(seen.shown, ["a", "b"]);
  assert.deepEqual(seen.told, ["live", "lost", "live"]);
  assert.deepEqual(seen.waits, [3000, 10000, 3000]);
});

test("a page that nobody looks at asks nothing, and asks at once when it is seen again", async () => {
  const { repeater, seen, settle, later } = held(["a", "b"]);
  repeater.set({ hidden: true });
  await settle();
  assert.deepEqual(seen.shown, []);
  repeater.set({ hidden: false });
  await settle();
  assert.deepEqual(seen.shown, ["a"]);
  repeater.set({ hidden: true });
  assert.equal(await later(), false);
});

test("a pause holds although the page is seen again", async () => {
  const { repeater, seen, settle } = held(["a", "b"]);
  repeater.set({ paused: true });
  repeater.set({ hidden: false });
  await settle();
  assert.deepEqual(seen.shown, []);
  assert.ok(seen.told.every((name) => name === "paused"));
  repeater.set({ paused: false });
  await settle();
  assert.deepEqual(seen.shown, ["a"]);
});

test("what arrives after the pause is not shown", async () => {
  const { repeater, seen, settle } = held(["late"]);
  repeater.set({ hidden: false });
  repeater.set({ paused: true });
  await settle();
  assert.deepEqual(seen.shown, []);
  assert.deepEqual(seen.waits, []);
});

test("a reader who may no longer look is told so once and for all", async () => {
  const { repeater, seen, settle, later } = held([null, "never"]);
  repeater.set({ hidden: false });
  await settle();
  assert.equal(await later(), false);
  repeater.set({ hidden: false });
  await settle();
  assert.deepEqual(seen.told, ["gone"]);
  assert.deepEqual(seen.shown, []);
});

test("an element becomes another only with the same id", () => {
  const row = (id) => ({ nodeType: 1, nodeName: "TR", id });
  assert.ok(alike(row("job-1"), row("job-1")));
  assert.ok(!alike(row("job-1"), row("job-2")));
  assert.ok(!alike(row(""), { nodeType: 3, nodeName: "#text" }));
});
