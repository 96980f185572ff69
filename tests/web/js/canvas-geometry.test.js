import assert from "node:assert/strict";
import { test } from "node:test";

import {
  clampView, dividerAt, fitScale, fitView, fractionAfterKey, fractionAt, isZoomed, needsFull,
  nextScale, panBy, percentOf, placeOver, resizeView, scaleLimits, splitFor, thinSide,
  visibleRange, wheelFactor, zoomAbout,
} from "../../../static/js/canvas-geometry.js";

const PICTURE = { width: 2000, height: 1000 };
const PANE = { width: 1000, height: 800 };
const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-6, `${a} is not ${b}`);
const under = (view, point) => [(point.x - view.x) / view.scale, (point.y - view.y) / view.scale];

test("the whole picture is seen, as large as the pane allows, in its middle", () => {
  assert.deepEqual(fitView(PICTURE, PANE), { scale: 0.5, x: 0, y: 150 });
  assert.equal(isZoomed(fitView(PICTURE, PANE), PICTURE, PANE), false);
});

test("a tiny picture is enlarged, but not without end", () => {
  assert.equal(fitScale({ width: 8, height: 8 }, PANE), 16);
  assert.equal(fitScale({ width: 100, height: 100 }, PANE), 8);
});

test("a strip of a picture has a finite view", () => {
  const view = fitView({ width: 1, height: 5000 }, PANE);
  near(view.scale, 0.16);
  near(view.x, (1000 - 0.16) / 2);
});

test("100 % is within reach of every picture", () => {
  for (const picture of [PICTURE, { width: 8, height: 8 }, { width: 20000, height: 10 }]) {
    const { min, max } = scaleLimits(picture, PANE);
    assert.ok(min <= 1 && max >= 1);
  }
});

test("zooming keeps the pixel under the pointer in its place", () => {
  const point = { x: 420, y: 380 };
  const before = fitView(PICTURE, PANE);
  const after = zoomAbout(before, point, 2, PICTURE, PANE);
  assert.equal(after.scale, 2);
  const [was, is] = [under(before, point), under(after, point)];
  near(was[0], is[0]);
  near(was[1], is[1]);
});

test("zooming stops at its limits and does not drift there", () => {
  const { max, fit } = scaleLimits(PICTURE, PANE);
  const deep = zoomAbout(fitView(PICTURE, PANE), { x: 500, y: 400 }, 1e9, PICTURE, PANE);
  assert.equal(deep.scale, max);
  assert.deepEqual(zoomAbout(deep, { x: 10, y: 10 }, 1e9, PICTURE, PANE), deep);
  assert.equal(zoomAbout(deep, { x: 10, y: 10 }, 0, PICTURE, PANE).scale, fit);
});

test("no ground is seen beside a zoomed picture, however far it is dragged", () => {
  const view = zoomAbout(fitView(PICTURE, PANE), { x: 500, y: 400 }, 1, PICTURE, PANE);
  assert.deepEqual(panBy(view, 9999, 9999, PICTURE, PANE), { scale: 1, x: 0, y: 0 });
  assert.deepEqual(panBy(view, -9999, -9999, PICTURE, PANE), { scale: 1, x: -1000, y: -200 });
});

test("a side that is smaller than the pane stays in the middle", () => {
  const wide = { width: 4000, height: 100 };
  assert.deepEqual(clampView({ scale: 1, x: -500, y: -70 }, wide, PANE), { scale: 1, x: -500, y: 350 });
});

test("a new size of the window keeps a whole picture whole and a middle in the middle", () => {
  const small = { width: 500, height: 400 };
  assert.deepEqual(resizeView(fitView(PICTURE, PANE), true, PICTURE, PANE, small), fitView(PICTURE, small));
  const view = { scale: 1, x: -700, y: -100 };
  const after = resizeView(view, false, PICTURE, PANE, small);
  assert.deepEqual(under(after, { x: 250, y: 200 }), under(view, { x: 500, y: 400 }));
});

test("the buttons go through the fit and 100 %", () => {
  const limits = { fit: 0.3, min: 0.3, max: 16 };
  assert.equal(nextScale(0.3, 1, limits), 0.5);
  assert.equal(nextScale(0.5, 1, limits), 1);
  assert.equal(nextScale(0.5, -1, limits), 0.3);
  assert.equal(nextScale(0.3, -1, limits), 0.3);
  assert.equal(nextScale(16, 1, limits), 16);
});

test("the divider's way is the seen part of the picture", () => {
  const narrow = { width: 400, height: 800 };
  assert.deepEqual(visibleRange(fitView(narrow, PANE), narrow, PANE), { left: 300, right: 700 });
  assert.deepEqual(visibleRange({ scale: 1, x: -500, y: 0 }, PICTURE, PANE), { left: 0, right: 1000 });
});

test("place and fraction of the divider belong together", () => {
  const range = { left: 300, right: 700 };
  assert.equal(dividerAt(0.25, range), 400);
  assert.equal(fractionAt(400, range), 0.25);
  assert.equal(fractionAt(-50, range), 0);
  assert.equal(fractionAt(5000, range), 1);
  assert.equal(dividerAt(7, range), 700);
});

test("keys move the divider and end at the edges", () => {
  near(fractionAfterKey(0.5, "ArrowRight", false), 0.52);
  near(fractionAfterKey(0.5, "ArrowLeft", true), 0.4);
  assert.equal(fractionAfterKey(0.99, "ArrowUp", true), 1);
  assert.equal(fractionAfterKey(0.3, "Home", false), 0);
  assert.equal(fractionAfterKey(0.3, "End", false), 1);
  assert.equal(fractionAfterKey(0.3, "b", false), null);
});

test("the wheel towards the person zooms out, and one wild turn is bounded", () => {
  assert.ok(wheelFactor({ deltaY: 100, deltaMode: 0, ctrlKey: false }) < 1);
  assert.ok(wheelFactor({ deltaY: -3, deltaMode: 1, ctrlKey: false }) > 1);
  assert.equal(
    wheelFactor({ deltaY: 1e6, deltaMode: 0, ctrlKey: false }),
    wheelFactor({ deltaY: 1e3, deltaMode: 0, ctrlKey: false }),
  );
});

test("two panes stand where the picture is larger", () => {
  assert.equal(splitFor({ width: 100, height: 300 }, PANE, 2), "columns");
  assert.equal(splitFor({ width: 900, height: 200 }, PANE, 2), "rows");
  assert.equal(splitFor({ width: 300, height: 200 }, { width: 360, height: 640 }, 2), "rows");
});

test("the original lies exactly over the result, also when its scale was rounded", () => {
  assert.deepEqual(placeOver({ width: 500, height: 250 }, PICTURE), { x: 0, y: 0, ...PICTURE });
  assert.deepEqual(placeOver({ width: 333, height: 167 }, PICTURE), { x: 0, y: 0, ...PICTURE });
});

test("an original of another shape lies within the result, undistorted", () => {
  assert.deepEqual(placeOver({ width: 100, height: 100 }, PICTURE), {
    x: 500, y: 0, width: 1000, height: 1000,
  });
});

test("the full size is asked for at 100 %, or when the preview would be stretched", () => {
  const looks = { isFit: false, picture: PICTURE, previewWidth: 1280, density: 1 };
  assert.equal(needsFull({ scale: 0.5 }, looks), false);
  assert.equal(needsFull({ scale: 1 }, looks), true);
  assert.equal(needsFull({ scale: 0.7 }, looks), true);
  assert.equal(needsFull({ scale: 0.5 }, { ...looks, density: 2 }), true);
  assert.equal(needsFull({ scale: 0.7 }, { ...looks, isFit: true }), false);
});

test("a strip leaves no room for a knob", () => {
  assert.equal(thinSide({ scale: 0.16 }, { width: 10, height: 5000 }), "width");
  assert.equal(thinSide({ scale: 0.2 }, { width: 5000, height: 40 }), "height");
  assert.equal(thinSide({ scale: 0.5 }, PICTURE), "none");
});

test("percents are short", () => {
  assert.equal(percentOf(0.0716), 7.2);
  assert.equal(percentOf(1), 100);
  assert.equal(percentOf(0.3379), 34);
});
