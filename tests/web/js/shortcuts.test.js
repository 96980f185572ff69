import assert from "node:assert/strict";
import { test } from "node:test";

import { nextIndex, place } from "../../../static/js/menu.js";
import { shown } from "../../../static/js/relative-time.js";
import { chosen, keyName, matches, registerShortcut } from "../../../static/js/shortcuts.js";
import { useWords } from "../../../static/js/words.js";

const press = (key, more = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, ...more });
const free = { isTyping: false, isBehindDialog: false };
const run = () => {};

test("a letter does not fire with Ctrl, and mod+letter only with it", () => {
  assert.ok(matches("d", press("d")));
  assert.ok(!matches("d", press("d", { ctrlKey: true })));
  assert.ok(!matches("mod+k", press("k")));
  assert.ok(matches("mod+k", press("k", { ctrlKey: true })));
  assert.ok(matches("mod+k", press("K", { metaKey: true })));
  assert.ok(!matches("?", press("?", { altKey: true })));
});

test("nothing fires while somebody types, except with Ctrl or Cmd", () => {
  const known = [{ key: "d", run }, { key: "mod+k", run }];
  const typing = { isTyping: true, isBehindDialog: false };
  assert.equal(chosen(press("d"), known, typing), undefined);
  assert.equal(chosen(press("k", { ctrlKey: true }), known, typing), known[1]);
});

test("nothing fires behind an open dialog", () => {
  const behind = { isTyping: false, isBehindDialog: true };
  assert.equal(chosen(press("d"), [{ key: "d", run }], behind), undefined);
});

test("a key that another script has taken, or that an input method composes, is left alone", () => {
  const known = [{ key: "d", run }];
  assert.equal(chosen(press("d", { defaultPrevented: true }), known, free), undefined);
  assert.equal(chosen(press("d", { isComposing: true }), known, free), undefined);
});

test("a shortcut that is only listed runs nothing", () => {
  assert.equal(chosen(press("b"), [{ key: "b", label: "Before" }], free), undefined);
});

test("of two owners of a key the later one is asked", () => {
  const known = [{ key: "d", run }, { key: "d", run: () => 2 }];
  assert.equal(chosen(press("d"), known, free), known[1]);
});

test("a shortcut can be taken away, and only once", () => {
  const remove = registerShortcut({ key: "x", label: "X", run });
  remove();
  remove();
});

test("keys are named as the keyboard prints them", () => {
  assert.equal(keyName("mod+k", true), "⌘ K");
  assert.equal(keyName("mod+k", false), "Ctrl K");
  assert.equal(keyName("ArrowLeft", false), "←");
  assert.equal(keyName("?", false), "?");
});

test("a menu hangs under its button, inside the window", () => {
  const view = { width: 400, height: 600 };
  const menu = { width: 200, height: 100 };
  assert.deepEqual(place({ top: 8, bottom: 48, right: 390 }, menu, view), { top: 52, left: 190 });
  assert.deepEqual(place({ top: 8, bottom: 48, right: 60 }, menu, view), { top: 52, left: 4 });
  assert.deepEqual(place({ top: 550, bottom: 590, right: 390 }, menu, view), { top: 446, left: 190 });
});

test("arrow keys walk a menu in a ring", () => {
  assert.equal(nextIndex("ArrowDown", -1, 3), 0);
  assert.equal(nextIndex("ArrowUp", -1, 3), 2);
  assert.equal(nextIndex("ArrowDown", 2, 3), 0);
  assert.equal(nextIndex("End", 0, 3), 2);
  assert.equal(nextIndex("x", 0, 3), -1);
});

test("an old moment keeps the date that the server wrote", () => {
  useWords({ "relative.now": "just now" }, "en");
  const now = new Date("2026-11-22T12:00:00Z");
  assert.equal(shown(new Date("2026-11-22T11:58:00Z"), now), "2 minutes ago");
  assert.equal(shown(new Date("2026-11-22T11:59:50Z"), now), "just now");
  assert.equal(shown(new Date("2026-09-01T12:00:00Z"), now), null);
});
