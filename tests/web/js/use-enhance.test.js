import assert from "node:assert/strict";
import { register } from "node:module";
import { test } from "node:test";

// The example imports React as an application does; here five hooks stand in for it.
const hooks = new URL("./hooks.js", import.meta.url).href;
const resolver = `export const resolve = (name, context, next) =>
  name === "react" ? { url: ${JSON.stringify(hooks)}, shortCircuit: true } : next(name, context);`;
register(`data:text/javascript,${encodeURIComponent(resolver)}`);
const { mount } = await import("./hooks.js");
const { cardsAfter, useEnhance } = await import("../../../docs/clients/use-enhance.js");

const settle = () => new Promise((resolve) => setImmediate(resolve));
const file = (name) => new File([name], name);

/** A client whose steps end when the test says so. */
function client() {
  const made = { calls: [], open: {} };
  const step = (name) => (subject, ...rest) => {
    const key = `${name} ${subject.name ?? subject.task_id}`;
    made.calls.push(key);
    return new Promise((resolve, reject) => { made.open[key] = { resolve, reject, rest }; });
  };
  for (const name of ["submit", "follow", "download", "cancel", "remove"]) made[name] = step(name);
  return made;
}

function page(given) {
  const makeClient = () => given; // the same function at each render, as the hook asks
  return mount(() => useEnhance({ url: "/", token: "omni_x", makeClient }));
}

test("a file becomes a card that ends with its result", async () => {
  const server = client();
  const host = page(server);
  const ended = host.value.add([file("a.jpg")], { scale: 2 });
  assert.deepEqual(host.value.items.map(({ name, status }) => [name, status]), [["a.jpg", "sending"]]);
  await settle();
  server.open["submit a.jpg"].resolve({ task_id: "t" });
  await settle();
  const [{ onProgress }] = server.open["follow t"].rest;
  onProgress({ task_id: "t", status: "processing", stage: "background", progress: 0.5 });
  assert.deepEqual([host.value.items[0].status, host.value.items[0].progress], ["processing", 0.5]);
  server.open["follow t"].resolve({ task_id: "t", status: "completed" });
  await settle();
  server.open["download t"].resolve(new Blob(["picture"]));
  await ended;
  const [{ status, resultUrl }] = host.value.items;
  assert.equal(status, "completed");
  assert.match(resultUrl, /^blob:/);
  host.unmount();
});

test("uploads go one after the other, and a refused one does not stop the next", async () => {
  const server = client();
  const host = page(server);
  host.value.add([file("bad.jpg"), file("b.jpg")]);
  await settle();
  assert.deepEqual(server.calls, ["submit bad.jpg"]);
  server.open["submit bad.jpg"].reject(Object.assign(new Error("no picture"), { code: "corrupt_image" }));
  await settle();
  assert.deepEqual(server.calls, ["submit bad.jpg", "submit b.jpg"]);
  assert.deepEqual(host.value.items.map(({ status, error }) => [status, error?.code]), [["failed", "corrupt_image"], ["sending", undefined]]);
});

test("a card that was taken away stops its work and hears nothing more", async () => {
  const server = client();
  const host = page(server);
  host.value.add([file("a.jpg")]);
  await settle();
  server.open["submit a.jpg"].resolve({ task_id: "t" });
  await settle();
  const [{ signal, onProgress }] = server.open["follow t"].rest;
  host.value.remove(host.value.items[0].id);
  assert.deepEqual([host.value.items, signal.aborted, server.calls.at(-1)], [[], true, "remove t"]);
  onProgress({ task_id: "t", status: "processing", stage: "", progress: 0.75 });
  server.open["follow t"].reject(signal.reason);
  await settle();
  assert.deepEqual(host.value.items, []);
});

test("leaving the page stops everything and frees the pictures", async () => {
  const server = client();
  const host = page(server);
  host.value.add([file("a.jpg"), file("b.jpg")]);
  await settle();
  server.open["submit a.jpg"].resolve({ task_id: "t" });
  await settle();
  const signals = [server.open["follow t"].rest[0].signal, server.open["submit b.jpg"].rest[1].signal];
  host.unmount();
  assert.deepEqual(signals.map(({ aborted }) => aborted), [true, true]);
});

test("a cancel is the server's: the card says so when the task has ended", async () => {
  const server = client();
  const host = page(server);
  host.value.add([file("a.jpg")]);
  await settle();
  server.open["submit a.jpg"].resolve({ task_id: "t" });
  await settle();
  host.value.cancel(host.value.items[0].id);
  assert.equal(server.calls.at(-1), "cancel t");
  server.open["follow t"].reject(Object.assign(new Error("Cancelled"), { code: "cancelled" }));
  await settle();
  assert.equal(host.value.items[0].status, "cancelled");
});

test("a render makes no new client", () => {
  const token = () => "omni_x";
  const host = mount(() => useEnhance({ url: "https://x/", token }));
  const before = host.value.add;
  host.render();
  assert.equal(host.value.add, before);
});

test("an unknown action is a mistake and says so", () => {
  assert.throws(() => cardsAfter([], { type: "nonsense" }), /no such action/);
});
