import assert from "node:assert/strict";
import test from "node:test";

import { data } from "../../../static/js/enhance-words.js";
import { Batch, inBatches } from "../../../static/js/compose-batch.js";
import { Pacer, concerns } from "../../../static/js/enhance-batch.js";

data.urls = { batch: "/batch", batches: "/batches/" };

test("many photos become batches of about the same size, none too large", () => {
  const sizes = (count, most) => inBatches(Array(count).fill(0), most).map(({ length }) => length);
  assert.deepEqual(sizes(3, 20), [3]);
  assert.deepEqual(sizes(20, 20), [20]);
  assert.deepEqual(sizes(21, 20), [11, 10]);
  assert.deepEqual(sizes(0, 20), []);
});

test("a batch is announced once, with its options, and closed", async () => {
  const sent = [];
  const post = async (url, body) => {
    sent.push(body);
    return { status: 202, body: { batch_task_id: "b" } };
  };
  globalThis.document = new EventTarget();
  const batch = new Batch({ photos: 2, options: { scale: "2" } }, post);
  assert.equal(batch.url, "");
  assert.equal(await batch.open(), true);
  assert.equal(await batch.open(), false);
  assert.match(batch.url, /b\/files$/);
  await batch.close();
  assert.deepEqual(sent, [{ photos: 2, scale: "2" }, {}]);
});

test("a batch that the server refuses leaves its photos single", async () => {
  const batch = new Batch({ photos: 2, options: {} }, async () => ({ status: 400, body: {} }));
  assert.equal(await batch.open(), false);
  assert.equal(batch.url, "");
});

test("events of the batch and of its photos concern it, others do not", () => {
  assert.equal(concerns({ job: "b", parent: null }, "b"), true);
  assert.equal(concerns({ job: "x", parent: "b" }, "b"), true);
  assert.equal(concerns({ job: "x", parent: null }, "b"), false);
});

test("what comes during a pause is made good once at its end", async () => {
  let count = 0;
  const ends = [];
  const pacer = new Pacer(async () => (count += 1), { wait: () => new Promise((end) => ends.push(end)) });
  const asked = pacer.ask();
  await new Promise(setImmediate);
  pacer.ask();
  pacer.ask();
  assert.equal(count, 1);
  ends.shift()();
  await new Promise(setImmediate);
  assert.equal(count, 2);
  ends.shift()();
  await asked;
  assert.equal(count, 2);
});
