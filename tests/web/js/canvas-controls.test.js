import assert from "node:assert/strict";
import { test } from "node:test";

import { isDoubleTap, pinchOf, wheelZooms } from "../../../static/js/canvas-gestures.js";
import { arrowMeaning, ownsArrows, pageKeys, pressArrow } from "../../../static/js/canvas-keys.js";
import { lensPlaces, lensScale, lensSize, lensSource } from "../../../static/js/canvas-lens.js";
import { wireHold } from "../../../static/js/canvas-toolbar.js";
import { fill } from "../../../static/js/canvas-words.js";
import { firstTab, tabAfterKey } from "../../../static/js/tab-list.js";

const QUIET = { isLensOpen: false, isZoomed: false, isFocused: false };

test("arrows go to the neighbour, until the picture is zoomed or the lens is open", () => {
  assert.equal(arrowMeaning("ArrowLeft", QUIET), "go");
  assert.equal(arrowMeaning("ArrowLeft", { ...QUIET, isZoomed: true }), "pan");
  assert.equal(arrowMeaning("ArrowLeft", { ...QUIET, isZoomed: true, isLensOpen: true }), "lens");
});

test("up and down scroll the page unless the picture has the focus", () => {
  assert.equal(arrowMeaning("ArrowDown", { ...QUIET, isZoomed: true }), null);
  assert.equal(arrowMeaning("ArrowDown", { ...QUIET, isFocused: true }), null);
  assert.equal(arrowMeaning("ArrowDown", { ...QUIET, isFocused: true, isZoomed: true }), "pan");
  assert.equal(arrowMeaning("x", { ...QUIET, isFocused: true, isZoomed: true }), null);
});

test("an arrow to the right shows what lies to the right", () => {
  const moves = [];
  const host = {
    lens: { isOpen: false, moveBy: (...by) => moves.push(["lens", ...by]) },
    state: { isZoomed: true, pan: (...by) => moves.push(["pan", ...by]) },
    go: (name) => moves.push(name) > 0,
  };
  assert.equal(pressArrow("ArrowRight", host, { isFocused: true }), true);
  host.lens.isOpen = true;
  pressArrow("ArrowUp", host, { isFocused: true, isFast: true });
  Object.assign(host, { state: { isZoomed: false }, lens: { isOpen: false } });
  pressArrow("ArrowLeft", host, { isFocused: false });
  assert.deepEqual(moves, [["pan", -60, -0, { isStep: true }], ["lens", 0, -48], "previous"]);
  assert.equal(pressArrow("ArrowDown", host, { isFocused: false }), false);
});

test("an element that needs the arrows keeps them", () => {
  const inside = { closest: (selector) => (selector.includes("[role=tab]") ? {} : null) };
  assert.equal(ownsArrows(inside), true);
  assert.equal(ownsArrows({ closest: () => null }), false);
  assert.equal(ownsArrows(null), false);
});

test("only keys that can do something are listed; arrows are listened to by the canvas", () => {
  const host = { canUse: (key) => key !== "r" };
  const keys = pageKeys(host, (name) => name);
  assert.ok(!keys.some(({ key }) => key === "r"));
  assert.ok(keys.every(({ key, run }) => key.startsWith("Arrow") === !run));
});

test("two taps make a double tap only when soon and near", () => {
  const tap = { x: 10, y: 10, time: 1000 };
  assert.equal(isDoubleTap(null, tap), false);
  assert.equal(isDoubleTap(tap, { x: 20, y: 18, time: 1200 }), true);
  assert.equal(isDoubleTap(tap, { x: 20, y: 18, time: 1500 }), false);
  assert.equal(isDoubleTap(tap, { x: 60, y: 10, time: 1200 }), false);
});

test("two fingers have a middle and a distance", () => {
  assert.deepEqual(pinchOf([{ x: 0, y: 0 }, { x: 60, y: 80 }]), { x: 30, y: 40, distance: 100 });
});

test("the wheel never traps the page over a whole picture", () => {
  const plain = { ctrlKey: false, metaKey: false };
  assert.equal(wheelZooms(plain, { isZoomed: false, isFullScreen: false }), false);
  assert.equal(wheelZooms({ ...plain, ctrlKey: true }, { isZoomed: false, isFullScreen: false }), true);
  assert.equal(wheelZooms(plain, { isZoomed: true, isFullScreen: false }), true);
  assert.equal(wheelZooms(plain, { isZoomed: false, isFullScreen: true }), true);
});

test("the lens shows 100 %, and still enlarges what is shown at 100 %", () => {
  assert.equal(lensScale(0.2), 1);
  assert.equal(lensScale(1), 2);
  assert.equal(lensScale(4), 8);
});

test("two glasses lie beside each other inside the stage", () => {
  const stage = { width: 1000, height: 600 };
  const size = lensSize(stage);
  assert.equal(size, 200);
  const middle = lensPlaces({ x: 500, y: 300 }, stage, size);
  assert.deepEqual(middle, { before: { x: 200, y: 200 }, after: { x: 400, y: 200 } });
  for (const x of [0, 1, 150, 999]) {
    const { before, after } = lensPlaces({ x, y: 599 }, stage, size);
    assert.equal(Math.abs(before.x - after.x), size);
    for (const glass of [before, after]) {
      assert.ok(glass.x >= 0 && glass.x + size <= 1000 && glass.y >= 0 && glass.y + size <= 600);
    }
  }
});

test("two glasses fit on a phone and are lifted above the finger", () => {
  const stage = { width: 358, height: 240 };
  const size = lensSize(stage);
  assert.ok(size * 2 <= 358 && size < 240);
  const { after } = lensPlaces({ x: 180, y: 200 }, stage, size, { isTouch: true });
  assert.ok(after.y + size <= 200);
});

test("a glass shows the same place of both pictures, each in its own pixels", () => {
  const box = { x: 0, y: 0, width: 800, height: 600 };
  const center = { x: 400, y: 300 };
  assert.deepEqual(lensSource(center, 200, 1, box, { width: 800, height: 600 }), {
    x: 300, y: 200, width: 200, height: 200,
  });
  assert.deepEqual(lensSource(center, 200, 1, box, { width: 200, height: 150 }), {
    x: 75, y: 50, width: 50, height: 50,
  });
});

class FakeButton extends EventTarget {
  pressed = null;
  setAttribute(_name, value) { this.pressed = value; }
  setPointerCapture() {}
  fire(type, more = {}) {
    return this.dispatchEvent(Object.assign(new Event(type, { cancelable: true }), more));
  }
}

test("holding ends when the button is let go", () => {
  const [button, said] = [new FakeButton(), []];
  wireHold(button, (isOn) => said.push(isOn));
  button.fire("pointerdown", { button: 0, pointerId: 1 });
  button.fire("pointerup");
  button.fire("click");
  assert.deepEqual(said, [true, false]);
  button.fire("keydown", { key: " " });
  button.fire("keydown", { key: " ", repeat: true });
  button.fire("keyup", { key: " " });
  assert.deepEqual(said, [true, false, true, false]);
  assert.equal(button.pressed, false);
});

test("a click without a press, as a screen reader makes it, switches", () => {
  const [button, said] = [new FakeButton(), []];
  wireHold(button, (isOn) => said.push(isOn));
  button.fire("click");
  button.fire("click");
  assert.deepEqual(said, [true, false]);
});

test("words take values and keep a percent sign", () => {
  assert.equal(fill("%(before)s %% before", { before: 40 }), "40 % before");
  assert.equal(fill("%(x)s × %(y)s", { x: 3, y: 0 }), "3 × 0");
});

test("tabs wrap around, and an unknown remembered one is the first", () => {
  assert.equal(tabAfterKey(2, "ArrowRight", 3), 0);
  assert.equal(tabAfterKey(0, "ArrowLeft", 3), 2);
  assert.equal(tabAfterKey(1, "Home", 3), 0);
  assert.equal(tabAfterKey(1, "End", 3), 2);
  assert.equal(tabAfterKey(1, "x", 3), null);
  assert.equal(firstTab(["a", "b"], "b"), 1);
  assert.equal(firstTab(["a", "b"], null), 0);
});
