// Rules 6, 9 and 12: streams, the tabs that share them, and the text that they carry.

import assert from "node:assert/strict";
import test from "node:test";
import { parser } from "../../api/static/client/stream.js";
import { Partial } from "../../api/static/client/partial.js";
import { settle } from "./fakes/clock.js";
import { Browser, NEW_JOB } from "./fakes/browser.js";
import { problem } from "./fakes/server.js";

const events = (browser) => browser.server.count("GET", /events$/);
const looks = (browser) => browser.server.count("GET", /^\/jobs\/job-1$/);

async function watched(browser = new Browser(), tab = browser.tab()) {
  const handle = await tab.client.submit(NEW_JOB);
  await settle();
  return { browser, tab, handle };
}

test("6 the job is read once, then its stream is shown without further reads", async () => {
  const { browser, handle } = await watched();
  assert.deepEqual(
    browser.server.requests.map(({ method, path }) => `${method} ${path}`),
    ["POST /jobs", "GET /jobs/job-1", "GET /jobs/job-1/events"],
  );
  browser.server.work("job-1");
  browser.server.change("job-1", { progress: 42 }, { type: "progress", message: "Writing..." });
  await settle();
  assert.equal(handle.snapshot().job.progress, 42);
  assert.equal(handle.snapshot().job.message, "Writing...");
  assert.equal(looks(browser), 1);
});

test("6 a done event prompts a read, which brings the result", async () => {
  const { browser, handle } = await watched();
  browser.server.finish("job-1");
  await settle();
  assert.deepEqual(handle.snapshot().job.result, [{ name: "Aragorn" }]);
  assert.equal(looks(browser), 2);
});

test("6 a job that ends between the read and the stream is shown at once", async () => {
  const browser = new Browser();
  browser.server.answer = ({ path }) =>
    void (path.endsWith("/events") && browser.server.finish("job-1"));
  const { handle } = await watched(browser);
  assert.equal(handle.snapshot().job.status, "completed");
});

test("6 a broken stream resumes after the last event, with the token", async () => {
  const { browser, handle } = await watched(undefined);
  browser.server.emit("job-1", { type: "delta", text: "Long ", offset: 0 });
  await settle();
  browser.server.cut();
  browser.server.emit("job-1", { type: "delta", text: "ago", offset: 5 });
  await browser.advance(10_000);
  const resumed = browser.server.requests.findLast((one) => one.path.endsWith("/events"));
  assert.equal(resumed.headers.get("Last-Event-ID"), "job-1:0");
  assert.equal(handle.snapshot().partial.text, "Long ago");
});

for (const status of [404, 405]) {
  test(`6 a server without streams (${status}) is polled without a warning`, async () => {
    const browser = new Browser();
    browser.server.answer = ({ path }) =>
      path.endsWith("/events") ? problem(status, "not-found") : undefined;
    const { handle } = await watched(browser);
    await browser.advance(9000);
    assert.equal(events(browser), 1, "it is not asked again");
    assert.ok(looks(browser) >= 3);
    assert.deepEqual([browser.warnings, handle.snapshot().error], [[], null]);
  });
}

test("6 no first byte in 5 s: polls for 10 minutes, then tries the stream again", async () => {
  const browser = new Browser();
  browser.network = ({ path }) => (path.endsWith("/events") ? "hang" : undefined);
  const { handle } = await watched(browser);
  await browser.advance(9_000);
  assert.ok(looks(browser) >= 2);
  await browser.advance(580_000);
  assert.equal(events(browser), 0, "the request never reached the server, and was not repeated");
  browser.network = () => undefined;
  await browser.advance(30_000);
  assert.equal(events(browser), 1);
  assert.equal(handle.snapshot().connection, "watching");
});

test("6 no byte for 20 s: polls; heartbeats keep the stream open", async () => {
  const { browser } = await watched();
  await browser.advance(120_000);
  assert.equal(looks(browser), 1);
  browser.server.mute = true;
  await browser.advance(60_000);
  assert.ok(looks(browser) > 8);
});

test("6 a machine that slept does not count as a stalled stream", async () => {
  const { browser } = await watched();
  await browser.advance(1000);
  browser.server.mute = true;
  await browser.clock.sleep(3_600_000);
  browser.server.mute = false;
  await browser.advance(5000);
  assert.equal(events(browser), 2);
});

test("6 repeated events are dropped; a gap or a reset prompts a read", async () => {
  const { browser, handle } = await watched();
  browser.server.work("job-1");
  browser.server.change("job-1", { progress: 40 }, { type: "progress" });
  await settle();
  const types = [];
  handle.updates.add((update) => types.push(update.type));
  browser.server.emit("job-1", { type: "progress", seq: 0, progress: 99, version: 99 });
  await settle();
  assert.deepEqual([types, handle.snapshot().job.progress], [[], 40]);
  const before = looks(browser);
  browser.server.emit("job-1", { type: "progress", seq: 9, progress: 50 });
  await settle();
  assert.equal(looks(browser), before + 1);
  browser.server.emit("job-1", { type: "reset", seq: 0 });
  await settle();
  assert.equal(looks(browser), before + 2);
});

test("6 a tab hidden for a minute polls", async () => {
  const { browser, tab } = await watched();
  await tab.hide();
  await browser.advance(90_000);
  assert.equal(browser.server.streams.size, 0);
  const before = looks(browser);
  await browser.advance(90_000);
  assert.equal(looks(browser) - before, 10);
  await tab.hide(false);
  await browser.advance(10_000);
  assert.equal(browser.server.streams.size, 1);
});

test("9 two tabs share one stream and show the same", async () => {
  const { browser } = await watched();
  browser.server.emit("job-1", { type: "delta", text: "Long ", offset: 0 });
  const other = browser.tab().client.watch("job-1");
  await settle();
  assert.equal(browser.server.streams.size, 1);
  browser.server.emit("job-1", { type: "delta", text: "ago", offset: 5 });
  await settle();
  assert.equal(other.snapshot().partial.text, "Long ago", "also what was written before it came");
  browser.server.finish("job-1");
  await settle();
  assert.equal((await other.done()).status, "completed");
});

test("9 when the reading tab closes or crashes, another takes over", async () => {
  for (const end of [(tab) => tab.kill(), (tab) => tab.client.close()]) {
    const { browser, tab } = await watched();
    const other = browser.tab().client.watch("job-1");
    await settle();
    end(tab);
    await browser.advance(30_000);
    assert.equal(
      browser.server.requests.findLast((one) => one.path.endsWith("/events")).tab.client,
      other.client,
    );
    browser.server.emit("job-1", { type: "delta", text: "Long ago", offset: 0 });
    await settle();
    assert.equal(other.snapshot().partial.text, "Long ago");
  }
});

test("9 without locks each tab polls", async () => {
  const browser = new Browser();
  await watched(browser, browser.tab({ locks: false }));
  await browser.advance(10_000);
  assert.deepEqual([events(browser), looks(browser)], [0, 4]);
});

test("9 ten jobs use three streams, so that connections are left for requests", async () => {
  const browser = new Browser();
  const { client } = browser.tab();
  for (let count = 1; count <= 10; count += 1)
    await client.submit({ ...NEW_JOB, payload: { count } });
  await browser.advance(1000);
  assert.equal(browser.server.streams.size, 3);
  for (const id of browser.server.jobs.keys()) browser.server.finish(id);
  await browser.advance(10_000);
  assert.ok([...client.handles.values()].every((handle) => handle.over));
});

test("9 one feed for all jobs; without it the list is read at intervals", async () => {
  const browser = new Browser();
  const tabs = [browser.tab(), browser.tab()];
  const types = tabs.map(() => []);
  tabs.forEach((tab, i) =>
    tab.client.feed.subscribe((update) => types[i].push(update?.type ?? null)),
  );
  await settle();
  assert.equal(browser.server.streams.size, 1);
  browser.server.streaming = false;
  await tabs[0].client.http.send("POST", "/jobs", {
    body: NEW_JOB,
    headers: { "Idempotency-Key": "another-key" },
  });
  browser.server.work("job-1");
  await settle();
  assert.deepEqual(types, [["status"], ["status"]]);
  browser.server.cut();
  await browser.advance(60_000);
  assert.ok(types[0].filter((type) => type === null).length > 5);
});

test("12 text is assembled by code points, without duplicates", () => {
  const partial = new Partial();
  partial.apply({ type: "delta", text: "🐉 fire", offset: 0 });
  assert.ok(partial.apply({ type: "delta", text: " and ash", offset: 6 }));
  assert.ok(partial.apply({ type: "delta", text: " and ash", offset: 6 }));
  assert.ok(partial.apply({ type: "delta", text: "🐉 fire", offset: 0 }), "a piece from long ago");
  assert.equal(partial.value.text, "🐉 fire and ash");
  assert.equal(partial.apply({ type: "delta", text: "late", offset: 99 }), false);
  partial.apply({ type: "item", index: 1, item: { name: "Frodo" } });
  partial.apply({ type: "item", index: 0, item: { name: "Sam" } });
  assert.deepEqual(partial.value.items, [{ name: "Sam" }, { name: "Frodo" }]);
});

test("12 another try of a call overwrites the text; the next step starts empty", () => {
  const partial = new Partial();
  partial.apply({ type: "delta", text: "Once upon", offset: 0, step: "outline" });
  partial.apply({ type: "delta", text: "Long ago", offset: 0, step: "outline" });
  assert.equal(partial.value.text, "Long ago");
  partial.apply({ type: "delta", text: "Chapter", offset: 0, step: "story" });
  assert.equal(partial.value.text, "Chapter");
});

test("a cost event updates the cost and keeps the estimate", async () => {
  const { browser, handle } = await watched();
  browser.server.work("job-1");
  browser.server.change(
    "job-1",
    { cost: { estimate: 0.01, actual: 0 } },
    { type: "cost", cost: { actual: 0.004 } },
  );
  await settle();
  assert.equal(handle.snapshot().job.cost.actual, 0.004);
});

test("12 events can be iterated up to the end", async () => {
  const { browser, handle } = await watched();
  const types = [];
  const listening = (async () => {
    for await (const update of handle.events()) types.push(update.type);
  })();
  await settle();
  browser.server.work("job-1");
  browser.server.emit("job-1", { type: "item", index: 0, item: {} });
  await settle();
  browser.server.finish("job-1");
  await listening;
  assert.deepEqual(types, ["status", "item", "done"]);
});

test("the parser accepts chunks split anywhere and all three line endings", () => {
  const text =
    ': hb\r\nid: 7\r\ndata: {"a":\r\ndata: "é"}\r\n\r\ndata:{"b":2}\n\ndata: no json\n\ndata: {"c":3}\r\r\n';
  for (let size = 1; size <= text.length; size += 1) {
    const seen = [];
    const feed = parser((update, id) => seen.push([update, id]));
    for (let at = 0; at < text.length; at += size) feed(text.slice(at, at + size));
    assert.deepEqual(
      seen,
      [
        [{ a: "é" }, "7"],
        [{ b: 2 }, "7"],
        [{ c: 3 }, "7"],
      ],
      `pieces of ${size}`,
    );
  }
});
