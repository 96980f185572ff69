import assert from "node:assert/strict";
import { test } from "node:test";

import { CanvasView, sizerBox } from "../../../static/js/canvas-view.js";

function viewOf(isSplit = false) {
  let drawn = 0;
  const view = new CanvasView({ width: 2000, height: 1000 }, () => (drawn += 1));
  view.resize({ width: 1000, height: 800 }, isSplit);
  return { view, drawn: () => drawn };
}

test("it starts with the whole picture and tells when to draw", () => {
  const { view, drawn } = viewOf();
  assert.equal(view.view.scale, 0.5);
  assert.equal(view.isFit, true);
  assert.equal(drawn(), 1);
  view.pan(10, 10);
  assert.equal(drawn(), 2);
});

test("a double click goes to 100 % where it was clicked, and back", () => {
  const { view } = viewOf();
  view.toggle({ x: 0, y: 400 });
  assert.deepEqual([view.view.scale, view.view.x, view.isFit], [1, 0, false]);
  view.toggle({ x: 0, y: 400 });
  assert.equal(view.isFit, true);
});

test("the whole picture stays whole when the window changes, a zoomed one does not jump back", () => {
  const { view } = viewOf();
  view.resize({ width: 500, height: 400 }, false);
  assert.equal(view.view.scale, 0.25);
  view.zoomTo(1);
  view.resize({ width: 800, height: 400 }, false);
  assert.equal(view.view.scale, 1);
});

test("zooming back by the wheel ends at a whole picture that follows the window again", () => {
  const { view } = viewOf();
  view.zoomBy(4);
  for (let turn = 0; turn < 30; turn += 1) view.zoomBy(0.8);
  view.resize({ width: 500, height: 400 }, false);
  assert.equal(view.view.scale, 0.25);
});

test("a point in either pane is the same point of the picture", () => {
  const { view } = viewOf(true);
  assert.equal(view.split, "rows");
  assert.deepEqual(view.inPane({ x: 30, y: 20 }), { x: 30, y: 20 });
  assert.deepEqual(view.inPane({ x: 30, y: 421 }), { x: 30, y: 20 });
});

test("another picture is shown whole", () => {
  const { view } = viewOf();
  view.zoomTo(3);
  view.replace({ width: 800, height: 800 });
  assert.deepEqual(view.view, { scale: 1, x: 100, y: 0 });
  assert.equal(view.isFit, true);
});

test("two pictures ask for the room of two", () => {
  const phone = { width: 360, height: 640 };
  const picture = { width: 300, height: 200 };
  assert.deepEqual(sizerBox(picture, false, phone), picture);
  assert.deepEqual(sizerBox(picture, true, phone), { width: 300, height: 400 });
  assert.deepEqual(sizerBox({ width: 200, height: 600 }, true, phone), { width: 400, height: 600 });
});

test("a button moves the picture there, a finger carries it", () => {
  const { view } = viewOf();
  assert.equal(view.isStep, false);
  view.step(1);
  assert.equal(view.isStep, true);
  view.pan(5, 5);
  assert.equal(view.isStep, false);
  view.toggle();
  view.zoomBy(1.1);
  assert.equal(view.isStep, false);
});
