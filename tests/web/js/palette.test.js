import assert from "node:assert/strict";
import { test } from "node:test";

import { jobEntry, newest, withJobs } from "../../../static/js/palette.js";
import { rank, score, step } from "../../../static/js/palette-match.js";
import { useWords } from "../../../static/js/words.js";

const labels = (entries) => entries.map(({ label }) => label);
const pages = [
  { group: "Go to", label: "Home" },
  { group: "Go to", label: "Enhance" },
  { group: "Go to", label: "History" },
  { group: "Theme", label: "Dark" },
  { group: "Language", label: "简体中文" },
];

test("a letter that is missing means no match", () => {
  assert.equal(score("hz", "History"), null);
  assert.notEqual(score("hy", "History"), null);
});

test("capitals and spaces do not matter", () => {
  assert.equal(score("HIS", "History"), score("his", "History"));
  assert.notEqual(score("new en", "New enlargement"), null);
});

test("what stands in the text beats what is scattered over it", () => {
  assert.ok(score("his", "History") > score("his", "How it starts"));
});

test("beginnings of words beat the middle of words", () => {
  assert.ok(score("ke", "Keyboard extras") > score("ke", "Snake eel"));
});

test("of equal matches the shorter text comes first", () => {
  assert.ok(score("dark", "Dark") > score("dark", "Dark and gloomy"));
});

test("no query keeps the order in which things were offered", () => {
  assert.deepEqual(rank(pages, "  "), pages);
});

test("a query leaves only what fits, the best first", () => {
  assert.deepEqual(labels(rank(pages, "h")), ["Home", "History", "Enhance"]);
  assert.deepEqual(labels(rank(pages, "zzz")), []);
});

test("the name of a group finds its entries", () => {
  assert.deepEqual(labels(rank(pages, "theme")), ["Dark"]);
  assert.deepEqual(labels(rank(pages, "theme dark")), ["Dark"]);
});

test("Chinese is found by its characters", () => {
  assert.deepEqual(labels(rank(pages, "中文")), ["简体中文"]);
});

test("the English name finds an entry in another language", () => {
  const entries = [{ group: "前往", label: "历史", also: "History" }, { group: "前往", label: "首页", also: "Home" }];
  assert.deepEqual(labels(rank(entries, "hist")), ["历史"]);
  assert.deepEqual(labels(rank(entries, "首")), ["首页"]);
});

test("recent jobs stand where a place is kept for them", () => {
  const job = { job: "7", kind: "k", title: "cat.png", state: "queued" };
  const entries = [{ group: "Go", label: "Home", url: "/" }, { group: "Recent", label: "" }, { group: "Do", label: "Sign out", press: "x" }];
  assert.deepEqual(labels(withJobs(entries, [job])), ["Home", "cat.png", "Sign out"]);
  assert.deepEqual(labels(withJobs(entries, [])), ["Home", "Sign out"]);
});

test("groups are never torn apart by the ranking", () => {
  const mixed = [
    { group: "A", label: "dark" },
    { group: "B", label: "dark room" },
    { group: "A", label: "drawn ark" },
  ];
  assert.deepEqual(labels(rank(mixed, "dark")), ["dark", "drawn ark", "dark room"]);
});

test("the arrows walk a ring, other keys stay", () => {
  assert.equal(step("ArrowDown", 2, 3), 0);
  assert.equal(step("ArrowUp", 0, 3), 2);
  assert.equal(step("ArrowUp", -1, 3), 2);
  assert.equal(step("PageDown", 0, 3), 2);
  assert.equal(step("PageUp", 2, 30), 0);
  assert.equal(step("a", 1, 3), 1);
  assert.equal(step("ArrowDown", 0, 0), -1);
});

test("a job is found by its title and opens its own page", () => {
  useWords({ "state.running": "Running" }, "en");
  const job = { job: "7", kind: "enhance.photo", title: "cat.png", page_url: "/enhance/7/", service: "enhance", state: "running" };
  const entry = jobEntry(job, "Recent jobs");
  assert.deepEqual(
    [entry.label, entry.url, entry.service, entry.note, entry.group],
    ["cat.png", "/enhance/7/", "enhance", "Running", "Recent jobs"],
  );
});

test("a job of an app that is gone still leads somewhere", () => {
  const entry = jobEntry({ job: "7", kind: "gone.kind", title: "", page_url: "", state: "failed" }, "x");
  assert.deepEqual([entry.label, entry.url], ["gone.kind", "/jobs/7/"]);
});

test("the newest jobs come first and only so many", () => {
  const jobs = ["2026-01-02", "2026-01-03", "2026-01-01"].map((created_at) => ({ created_at }));
  assert.deepEqual(newest(jobs, 2).map((job) => job.created_at), ["2026-01-03", "2026-01-02"]);
});
