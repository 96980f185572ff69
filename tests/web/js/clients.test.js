import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";

import { Omnilens, OmnilensError } from "../../../docs/clients/omnilens-client.js";

const TOKEN = "omni_very_secret";
const queued = (id) => ({ task_id: id, job: id, seq: 1, status: "queued", stage: "", progress: 0 });
const at = (id, status, more = {}) => ({ ...queued(id), status, ...more });

/** What a browser offers, as the test says: `rows` are the tasks of the server. */
function world({ rows = {}, withSocket = true } = {}) {
  const made = { requests: [], sockets: [], timers: [], clock: 0, rows, lost: 0, submitted: [] };
  class WebSocket {
    constructor(url, protocols) {
      Object.assign(this, { url, protocols, sent: [] });
      made.sockets.push(this);
    }
    send(text) { this.sent.push(JSON.parse(text)); }
    close() { this.isClosed = true; }
    say(message) { this.onmessage({ data: JSON.stringify(message) }); }
  }
  const answer = (status, body) =>
    new Response(typeof body === "string" ? body : JSON.stringify(body), { status });
  made.io = {
    WebSocket: withSocket ? WebSocket : undefined,
    now: () => made.clock,
    setTimeout: (action, wait) => made.timers.push({ action, wait }),
    clearTimeout: (id) => { if (made.timers[id - 1]) made.timers[id - 1].cleared = true; },
    fetch: async (url, options) => {
      made.requests.push({ url: String(url), ...options });
      options.signal?.throwIfAborted();
      if (made.lost > 0) { made.lost -= 1; throw new TypeError("no network"); }
      const { pathname } = new URL(url);
      if (pathname.endsWith("/ws-tickets/")) return answer(201, { ticket: "once" });
      if (pathname.endsWith("/enhance")) return made.receive(options.body, answer);
      if (pathname.includes("/download/")) return answer(200, `picture of ${pathname.split("/").at(-1)}`);
      const row = made.rows[pathname.split("/").at(-1)];
      return row ? answer(200, row) : answer(404, { code: "not_found", detail: "There is no such task." });
    },
  };
  made.receive = async (form, respond) => {
    const id = `t${made.submitted.push(form)}`;
    made.rows[id] ??= queued(id);
    return respond(202, made.rows[id]);
  };
  made.client = new Omnilens({ url: "https://x/sub/", token: TOKEN, io: made.io });
  made.asked = () => made.requests.filter(({ url }) => url.includes("/status/")).length;
  made.pauses = () => made.timers.filter((timer) => !timer.cleared && !timer.done);
  made.runPause = () => {
    const timer = made.pauses()[0];
    timer.done = true;
    made.clock += timer.wait;
    timer.action();
    return timer.wait;
  };
  return made;
}

/** Let everything run that waits for no timer. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test("a file reaches a real server with its options, its key and the token in the header", async () => {
  const seen = [];
  const server = createServer((request, response) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      seen.push({ url: request.url, headers: request.headers, body: Buffer.concat(parts).toString("latin1") });
      response.writeHead(202, { "Content-Type": "application/json" }).end(JSON.stringify(queued("t")));
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const client = new Omnilens({ url: `http://127.0.0.1:${server.address().port}`, token: TOKEN });
    const photo = new File(["x".repeat(200_000)], "old photo.jpg", { type: "image/jpeg" });
    assert.equal((await client.submit(photo, { scale: 2, keep_gps: true }, { key: "k1" })).task_id, "t");
    const [{ url, headers, body }] = seen;
    assert.equal(url, "/api/v1/enhance");
    assert.deepEqual([headers.authorization, headers["idempotency-key"]], [`Token ${TOKEN}`, "k1"]);
    assert.match(body, /name="scale"\r\n\r\n2\r\n/);
    assert.match(body, /name="keep_gps"\r\n\r\ntrue\r\n/);
    assert.match(body, /filename="old photo.jpg"/);
    assert.ok(body.includes("x".repeat(200_000)));
  } finally {
    server.close();
  }
});

test("the feed tells the progress, and the row is read once the task has ended", async () => {
  const { client, sockets, rows, asked } = world({ rows: { t: queued("t") } });
  const told = [];
  const done = client.follow("t", { onProgress: ({ status, progress }) => told.push([status, progress]) });
  await settle();
  const [socket] = sockets;
  assert.deepEqual(socket.protocols, ["jobs.v1", "ticket.once"]);
  socket.say({ type: "snapshot", complete: true, jobs: [] });
  await settle();
  const before = asked();
  socket.say({ type: "job", job: "t", seq: 3, state: "running", progress: 0.25 });
  socket.say({ type: "job", job: "t", seq: 2, state: "running", progress: 0.125 });
  socket.say({ type: "job", job: "other", seq: 9, state: "running", progress: 0.75 });
  socket.say({ type: "ping" });
  await settle();
  assert.equal(asked(), before, "the feed saves questions");
  assert.deepEqual(told.at(-1), ["processing", 0.25]);
  assert.deepEqual(socket.sent, [{ pong: true }]);
  rows.t = at("t", "completed", { progress: 1 });
  socket.say({ type: "job", job: "t", seq: 4, state: "succeeded", progress: 1 });
  assert.equal((await done).status, "completed");
  assert.deepEqual(told.at(-1), ["completed", 1]);
});

test("the token is in no address", async () => {
  const { client, sockets, requests } = world({ rows: { t1: at("t1", "completed"), u: queued("u") } });
  client.follow("u").catch(() => null);
  await client.enhance(new File(["x"], "a.jpg"));
  await settle();
  const addresses = [...requests.map(({ url }) => url), ...sockets.map(({ url }) => url)];
  assert.ok(addresses.length > 1);
  assert.ok(addresses.every((address) => !address.includes("secret")));
  assert.ok(requests.every(({ headers }) => headers.Authorization === `Token ${TOKEN}`));
});

test("without a feed the questions come less and less often, and the end is found", async () => {
  const made = world({ rows: { t: queued("t") }, withSocket: false });
  const done = made.client.follow("t");
  const waits = [];
  for (let turn = 0; turn < 8; turn += 1) {
    await settle();
    waits.push(made.runPause());
  }
  made.rows.t = at("t", "completed");
  await settle();
  await settle();
  assert.equal((await done).status, "completed");
  assert.deepEqual(waits, [...waits].sort((one, other) => one - other));
  assert.deepEqual([waits[0], waits.at(-1)], [500, 5000]);
});

test("a feed that closes costs one question, and another one is opened later", async () => {
  const made = world({ rows: { t: queued("t") } });
  made.client.follow("t").catch(() => null);
  await settle();
  made.sockets[0].say({ type: "snapshot", complete: true, jobs: [] });
  await settle();
  const before = made.asked();
  made.sockets[0].onclose({ code: 1006 });
  await settle();
  assert.equal(made.asked(), before + 1);
  assert.equal(made.sockets.length, 1, "not at once");
  for (let turn = 0; turn < 4; turn += 1) {
    made.runPause();
    await settle();
  }
  assert.equal(made.sockets.length, 2);
});

test("a moment without network is no failure, a refusal is one at once", async () => {
  const made = world({ rows: { t: at("t", "completed") }, withSocket: false });
  made.lost = 2;
  const done = made.client.follow("t");
  for (let turn = 0; turn < 2; turn += 1) {
    await settle();
    made.runPause();
  }
  assert.equal((await done).status, "completed");
  await assert.rejects(made.client.follow("gone"), { status: 404, code: "not_found" });
});

test("a task that failed or was cancelled is an error with its code", async () => {
  const error = { code: "out_of_memory", detail: "Not even small tiles fit." };
  const { client } = world({ rows: { t: at("t", "failed", { error }), u: at("u", "cancelled", { error: null, message: "Cancelled" }) } });
  await assert.rejects(client.follow("t"), (found) => found instanceof OmnilensError && found.code === "out_of_memory");
  await assert.rejects(client.follow("u"), { code: "cancelled", detail: "Cancelled" });
});

test("an abort ends the wait and leaves nothing running", async () => {
  const made = world({ rows: { t: queued("t") }, withSocket: false });
  const abort = new AbortController();
  const done = made.client.follow("t", { signal: abort.signal });
  await settle();
  abort.abort();
  await assert.rejects(done, { name: "AbortError" });
  assert.deepEqual(made.pauses(), []);
});

test("the socket is closed when nobody follows any more", async () => {
  const made = world({ rows: { t: queued("t") } });
  const done = made.client.follow("t");
  await settle();
  made.sockets[0].say({ type: "snapshot", complete: true, jobs: [] });
  await settle();
  made.rows.t = at("t", "completed");
  made.sockets[0].say({ type: "job", job: "t", seq: 5, state: "succeeded" });
  await done;
  while (made.pauses().length) made.runPause();
  assert.equal(made.sockets[0].isClosed, true);
});

test("of many files the first result comes before the last upload, and a bad one is told", async () => {
  const made = world({ withSocket: false });
  const files = ["a", "bad", "c"].map((name) => new File([name], `${name}.jpg`));
  const held = [];
  const receive = made.receive;
  made.receive = (form, respond) => {
    const { name } = form.get("file");
    if (name === "bad.jpg") return respond(422, { code: "corrupt_image", detail: "This is no picture." });
    if (name === "c.jpg") return new Promise((resolve) => held.push(() => resolve(receive(form, respond))));
    return receive(form, respond);
  };
  made.rows.t1 = at("t1", "completed");
  made.rows.t2 = at("t2", "completed");
  const results = made.client.enhanceMany(files, { scale: 2 });
  const early = [(await results.next()).value, (await results.next()).value];
  assert.equal(held.length, 1, "the last upload is still under way");
  const byName = Object.fromEntries(early.map((each) => [each.file.name, each]));
  assert.equal(byName["bad.jpg"].error.code, "corrupt_image");
  assert.equal(await byName["a.jpg"].blob.text(), "picture of t1");
  held[0]();
  const last = (await results.next()).value;
  assert.equal(await last.blob.text(), "picture of t2");
  assert.equal((await results.next()).done, true);
});

test("the same file twice gives two results", async () => {
  const made = world({ withSocket: false });
  made.rows.t1 = at("t1", "completed");
  made.rows.t2 = at("t2", "completed");
  const photo = new File(["a"], "a.jpg");
  const tasks = [];
  for await (const { task } of made.client.enhanceMany([photo, photo])) tasks.push(task.task_id);
  assert.deepEqual(tasks.sort(), ["t1", "t2"]);
});
