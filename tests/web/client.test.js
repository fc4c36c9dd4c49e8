// The guarantees of the client, in the order of docs/browser.md.

import assert from "node:assert/strict";
import test from "node:test";
import { JobCancelled, JobExpired, JobFailed, Refused } from "../../api/static/client/index.js";
import { retryAfter } from "../../api/static/client/http.js";
import { settle } from "./fakes/clock.js";
import { Browser, MemoryStorage, NEW_JOB } from "./fakes/browser.js";
import { json, problem } from "./fakes/server.js";

const polling = () => {
  const browser = new Browser();
  browser.server.streaming = false;
  return browser;
};

const intents = (browser) => [...browser.storage.items].filter(([key]) => key.includes("intent"));
const looks = (browser) => browser.server.count("GET", /^\/jobs\/job-1$/);

test("1 the key and the body are stored before the request is sent", async () => {
  const browser = polling();
  let written;
  browser.network = () => void (written ??= intents(browser));
  await browser.tab().client.submit(NEW_JOB);
  const record = JSON.parse(written[0][1]);
  assert.equal(record.state, "sending");
  assert.deepEqual(record.body.payload, NEW_JOB.payload);
  assert.equal(browser.server.requests[0].headers.get("Idempotency-Key"), record.key);
  const [[, after]] = intents(browser);
  assert.equal(JSON.parse(after).body, undefined, "the body is deleted once the job is accepted");
  assert.equal(JSON.parse(after).id, "job-1");
});

test("1 two users of one browser do not see each other's jobs", async () => {
  const browser = polling();
  await browser.tab({ namespace: "ann" }).client.submit(NEW_JOB);
  const recovered = await browser.tab({ namespace: "bob" }).client.recover();
  assert.deepEqual([recovered.resumed, recovered.completedWhileAway], [[], []]);
});

for (const status of [408, 500, 502, 504]) {
  test(`2 after ${status} the request is retried with the same key; the state is uncertain`, async () => {
    const browser = polling();
    let first = true;
    browser.server.answer = ({ method }) => {
      if (method !== "POST" || !first) return undefined;
      first = false;
      return problem(status, "oops");
    };
    const handle = browser.tab().client.start(NEW_JOB);
    await settle();
    assert.equal(handle.snapshot().connection, "uncertain");
    await browser.advance(1500);
    const keys = browser.server.requests
      .filter((one) => one.method === "POST")
      .map((one) => one.headers.get("Idempotency-Key"));
    assert.equal(keys.length, 2);
    assert.equal(keys[0], keys[1]);
    assert.equal(handle.snapshot().connection, "watching");
  });
}

test("2 a definite refusal deletes the intent; the next submission has a new key", async () => {
  const browser = polling();
  browser.server.answer = ({ method }) =>
    method === "POST" ? problem(400, "validation-error") : undefined;
  const { client } = browser.tab();
  await assert.rejects(
    client.submit(NEW_JOB),
    (error) => error instanceof Refused && error.code === "validation-error",
  );
  assert.deepEqual(intents(browser), []);
  await assert.rejects(client.submit(NEW_JOB));
  const [one, two] = browser.server.requests.map((request) =>
    request.headers.get("Idempotency-Key"),
  );
  assert.notEqual(one, two);
});

test("2 after a reload, a server without lists gets the request again with its old key", async () => {
  const browser = polling();
  browser.server.lists = false;
  browser.network = ({ method }) => (method === "POST" ? "lost" : undefined);
  const tab = browser.tab();
  tab.client.start(NEW_JOB);
  await settle();
  tab.kill();
  browser.network = () => undefined;
  await browser.tab().client.recover();
  await settle();
  assert.equal(browser.server.jobs.size, 1);
});

test("2 an intent without id and body is reported as unsure", async () => {
  const browser = polling();
  const intent = {
    key: "key-of-old",
    type: NEW_JOB.type,
    fingerprint: "",
    state: "sending",
    t: browser.clock.now(),
  };
  browser.storage.setItem("loresmith:anyone:intent:key-of-old", JSON.stringify(intent));
  const { unsure } = await browser.tab().client.recover();
  assert.deepEqual(
    unsure.map((handle) => handle.key),
    ["key-of-old"],
  );
  assert.equal(browser.server.count("POST"), 0);
});

test("3 an hour without network pauses a job and does not fail it", async () => {
  const browser = polling();
  const { client } = browser.tab();
  const handle = await client.submit(NEW_JOB);
  const ends = [];
  handle.onFinish((state) => ends.push(state));
  await settle();
  browser.network = () => "down";
  await browser.advance(3_600_000);
  assert.equal(handle.snapshot().connection, "paused");
  assert.ok(client.network.snapshot().paused);
  assert.ok(handle.snapshot().since < browser.clock.now() - 3_500_000);
  assert.deepEqual(ends, []);
  browser.network = () => undefined;
  browser.server.finish("job-1");
  await browser.advance(31_000);
  assert.equal(ends.length, 1);
  assert.ok(browser.server.seen[0].paused_ms > 3_500_000, "the interruption is reported");
});

for (const [status, code, connection] of [
  [404, "job-not-found", "gone"],
  [410, "job-deleted", "expired"],
]) {
  test(`3 ${status} ends the watch: ${connection}`, async () => {
    const browser = polling();
    const handle = await browser.tab().client.submit(NEW_JOB);
    browser.server.answer = () => problem(status, code);
    const done = handle.done();
    await Promise.all([assert.rejects(done, JobExpired), browser.advance(4000)]);
    assert.equal(handle.snapshot().connection, connection);
    const requests = browser.server.requests.length;
    await browser.advance(60_000);
    assert.equal(browser.server.requests.length, requests);
  });
}

test("3 a 401 refreshes the token; a second one ends the watch", async () => {
  const browser = polling();
  const tokens = [];
  const token = (refresh) => (tokens.push(refresh), refresh ? "new" : "old");
  browser.server.answer = ({ headers }) =>
    headers.get("Authorization") === "Bearer new" ? undefined : problem(401, "unauthorized");
  const handle = await browser.tab({ token }).client.submit(NEW_JOB);
  assert.deepEqual(tokens.slice(0, 2), [false, true]);
  browser.server.answer = () => problem(401, "unauthorized");
  await browser.advance(4000);
  assert.equal(handle.snapshot().connection, "refused");
});

for (const [name, wake] of [
  ["online", (tab) => tab.fire("online")],
  ["focus", (tab) => tab.fire("focus")],
  ["a page out of the back-forward cache", (tab) => tab.fire("pageshow", { persisted: true })],
  ["a tab that becomes visible", async (tab) => (await tab.hide(), tab.hide(false))],
]) {
  test(`4 ${name} reads the job at once`, async () => {
    const browser = polling();
    const tab = browser.tab();
    await tab.client.submit(NEW_JOB);
    await settle();
    const before = looks(browser);
    await wake(tab);
    assert.equal(looks(browser), before + 1);
  });
}

test("4 after the machine slept, every job is read at once", async () => {
  const browser = polling();
  const { client } = browser.tab();
  await client.submit(NEW_JOB);
  const slow = await client.submit({ ...NEW_JOB, payload: { count: 5 } });
  slow.interval = 600_000;
  await browser.advance(3000);
  const before = browser.server.count("GET", /job-2$/);
  await browser.clock.sleep(30_000);
  assert.equal(browser.server.count("GET", /job-2$/), before + 1);
});

test("4 while offline, the client still tries every 30 s", async () => {
  const browser = polling();
  const tab = browser.tab();
  await tab.client.submit(NEW_JOB);
  browser.network = () => "down";
  tab.navigator.onLine = false;
  await tab.fire("offline");
  await browser.advance(10_000);
  let tries = 0;
  browser.network = () => ((tries += 1), "down");
  await browser.advance(120_000);
  assert.equal(tries, 4);
});

test("5 retries wait 1, 2, 4 … 30 s; a success resets the wait", async () => {
  const browser = polling();
  await browser.tab().client.submit(NEW_JOB);
  await settle();
  const times = [];
  browser.network = ({ path }) =>
    path === "/jobs/job-1" ? (times.push(browser.clock.now()), "down") : undefined;
  await browser.advance(200_000);
  const gaps = times.slice(1).map((time, i) => (time - times[i]) / 1000);
  assert.deepEqual(gaps.slice(0, 7), [1, 2, 4, 8, 16, 30, 30]);
  browser.network = () => undefined;
  await browser.advance(30_000);
  times.length = 0;
  browser.network = ({ path }) =>
    path === "/jobs/job-1" ? (times.push(browser.clock.now()), "down") : undefined;
  await browser.advance(6000);
  assert.equal(times[1] - times[0], 1000);
});

test("5 the jitter is full: a random number of 0.5 halves the wait", () => {
  const { client } = polling().tab({ env: { random: () => 0.5 } });
  assert.deepEqual(
    [1, 2, 3, 9].map((failures) => client.network.delay(failures)),
    [500, 1000, 2000, 15_000],
  );
});

test("5 Retry-After is parsed in both forms", () => {
  const now = Date.parse("2026-01-10T12:00:00Z");
  assert.equal(retryAfter("7", now), 7000);
  assert.equal(retryAfter("Sat, 10 Jan 2026 12:00:30 GMT", now), 30_000);
  assert.equal(retryAfter("Sat, 10 Jan 2026 11:00:00 GMT", now), 0);
  assert.deepEqual(
    [retryAfter("soon", now), retryAfter(null, now), retryAfter("", now)],
    Array(3).fill(undefined),
  );
});

for (const status of [429, 503]) {
  test(`5 ${status} waits for Retry-After, also after a wake-up`, async () => {
    const browser = polling();
    let refused = 0;
    browser.server.answer = ({ method }) =>
      method === "POST" && refused++ < 1
        ? problem(status, "busy", {}, { "Retry-After": "40" })
        : undefined;
    const tab = browser.tab();
    const handle = tab.client.start(NEW_JOB);
    await browser.advance(20_000);
    await tab.fire("focus");
    await browser.advance(19_000);
    assert.equal(browser.server.count("POST"), 1);
    assert.equal(handle.snapshot().connection, "sending", "the server did not accept it");
    await browser.advance(2000);
    assert.equal(browser.server.count("POST"), 2);
  });
}

test("5 a read waits for the Retry-After of a busy server, also after a wake-up", async () => {
  const browser = polling();
  const tab = browser.tab();
  const handle = await tab.client.submit(NEW_JOB);
  browser.server.answer = () =>
    problem(503, "temporary-reduced-capacity", {}, { "Retry-After": "40" });
  await browser.advance(4000);
  const requests = browser.server.requests.length;
  await tab.fire("focus");
  await browser.advance(30_000);
  assert.equal(browser.server.requests.length, requests);
  assert.equal(handle.snapshot().connection, "watching");
});

test("5 a request that hangs is aborted after 10 s and retried", async () => {
  const browser = polling();
  browser.network = () => "hang";
  const handle = browser.tab().client.start(NEW_JOB);
  await browser.advance(9000);
  assert.equal(handle.snapshot().connection, "sending");
  await browser.advance(1000);
  assert.equal(handle.snapshot().connection, "uncertain");
  browser.network = () => undefined;
  await browser.advance(1000);
  assert.equal(handle.id, "job-1");
});

test("5 the server names the polling interval; a hidden tab polls three times less often", async () => {
  const browser = polling();
  const tab = browser.tab();
  await tab.client.submit(NEW_JOB);
  await settle();
  let before = looks(browser);
  await browser.advance(30_000);
  assert.equal(looks(browser) - before, 10);
  await tab.hide();
  await browser.advance(9000);
  before = looks(browser);
  await browser.advance(90_000);
  assert.equal(looks(browser) - before, 10);
});

test("5 an unchanged job is answered with 304", async () => {
  const browser = polling();
  await browser.tab().client.submit(NEW_JOB);
  await browser.advance(10_000);
  assert.equal(browser.server.requests.at(-1).headers.get("If-None-Match"), '"1"');
});

test("7 the end is announced once, and no request follows it", async () => {
  const browser = polling();
  const handle = await browser.tab().client.submit(NEW_JOB);
  const ends = [];
  handle.onFinish(({ job }) => ends.push(job.status));
  browser.server.finish("job-1");
  await browser.advance(3000);
  const requests = browser.server.requests.length;
  handle.accept(handle.snapshot().job);
  await browser.advance(60_000);
  assert.deepEqual(ends, ["completed"]);
  assert.equal(browser.server.requests.length, requests);
});

test("7 an answer with an older version is ignored", async () => {
  const browser = polling();
  const handle = await browser.tab().client.submit(NEW_JOB);
  const old = handle.snapshot().job;
  browser.server.change("job-1", { status: "processing", progress: 50 });
  await browser.advance(3000);
  handle.accept(old);
  assert.equal(handle.snapshot().job.progress, 50);
});

test("7 done() settles as the job ended; a retry can end again", async () => {
  const browser = polling();
  const handle = await browser.tab().client.submit(NEW_JOB);
  const ends = [];
  handle.onFinish(({ job }) => ends.push(job.status));
  browser.server.fail("job-1");
  await browser.advance(3000);
  await assert.rejects(
    handle.done(),
    (error) => error instanceof JobFailed && error.message === "The model refused",
  );
  await handle.retry();
  browser.server.finish("job-1");
  await browser.advance(3000);
  assert.deepEqual((await handle.done()).result, [{ name: "Aragorn" }]);
  assert.deepEqual(ends, ["failed", "completed"]);
});

test("8 only cancel() cancels: not detaching, not closing the tab", async () => {
  const browser = polling();
  const tab = browser.tab();
  (await tab.client.submit(NEW_JOB)).detach();
  tab.client.close();
  await browser.advance(10_000);
  assert.equal(browser.server.count("POST", /cancel/), 0);
  const handle = browser.tab().client.watch("job-1");
  await handle.cancel();
  await assert.rejects(handle.done(), JobCancelled);
  assert.equal(browser.server.jobs.get("job-1").status, "cancelled");
});

test("8 a cancel before the answer reaches the job, also after a reload", async () => {
  const browser = polling();
  browser.network = ({ path }) => (path === "/jobs" ? "lost" : undefined);
  const tab = browser.tab();
  void tab.client.start(NEW_JOB).cancel();
  await settle();
  tab.kill();
  browser.network = () => undefined;
  void browser.tab().client.recover();
  await browser.advance(5000);
  assert.equal(browser.server.jobs.get("job-1").status, "cancelled");
});

test("8 cancelling a job that has just ended is no error", async () => {
  const browser = polling();
  const handle = await browser.tab().client.submit(NEW_JOB);
  browser.server.finish("job-1");
  await handle.cancel();
  assert.equal((await handle.done()).status, "completed");
});

test("9 a double click is one job; another body is another job", async () => {
  const browser = polling();
  const { client } = browser.tab();
  const one = client.start(NEW_JOB, { slot: "form" });
  assert.equal(client.start({ ...NEW_JOB }, { slot: "form" }), one);
  assert.notEqual(client.start({ ...NEW_JOB, payload: { count: 1 } }, { slot: "form" }), one);
  await settle();
  assert.equal(browser.server.jobs.size, 2);
  browser.server.finish("job-1");
  await browser.advance(3000);
  assert.notEqual(
    client.start(NEW_JOB, { slot: "form" }),
    one,
    "a finished job can be submitted again",
  );
});

test("10 recover() finds jobs of this browser and of the session, running and ended", async () => {
  const browser = polling();
  const first = browser.tab();
  await first.client.recover();
  for (const count of [1, 2])
    await first.client.submit({ ...NEW_JOB, payload: { count } }, { sessionId: "s1" });
  first.kill();
  await browser.advance(1000);
  browser.server.finish("job-1");
  const tab = browser.tab();
  const recovered = await tab.client.recover({ sessionId: "s1" });
  assert.deepEqual(
    recovered.resumed.map((handle) => handle.id),
    ["job-2"],
  );
  assert.deepEqual(
    recovered.completedWhileAway.map((handle) => handle.id),
    ["job-1"],
  );
  assert.ok(recovered.resumed[0].snapshot().recovered);
  await recovered.completedWhileAway[0].done();
  await settle();
  assert.deepEqual(browser.server.seen, [{ id: "job-1", recovered: true, paused_ms: 0 }]);
});

test("10 a job of another device is found by its session", async () => {
  const browser = polling();
  await browser.tab().client.submit(NEW_JOB, { sessionId: "s1" });
  browser.storage = new MemoryStorage();
  const recovered = await browser.tab().client.recover({ sessionId: "s1" });
  assert.deepEqual(
    recovered.resumed.map((handle) => handle.id),
    ["job-1"],
  );
});

test("10 an end that was not seen stays stored for 24 h", async () => {
  const browser = polling();
  await browser.tab().client.submit(NEW_JOB);
  browser.server.finish("job-1");
  await browser.advance(5000);
  assert.equal(intents(browser).length, 1);
  browser.clock.time += 25 * 3_600_000;
  const recovered = await browser.tab().client.recover();
  assert.deepEqual(recovered.completedWhileAway, []);
  assert.equal(intents(browser).length, 0);
});

for (const [name, storage] of [
  [
    "full",
    Object.assign(new MemoryStorage(), {
      setItem() {
        throw new DOMException("full", "QuotaExceededError");
      },
    }),
  ],
  ["absent", null],
]) {
  test(`10 storage that is ${name} loses the recovery after a reload, not the job`, async () => {
    const browser = polling();
    const { client } = browser.tab({ storage });
    const handle = await client.submit(NEW_JOB);
    browser.server.finish("job-1");
    await browser.advance(3000);
    assert.equal((await handle.done()).status, "completed");
    assert.ok(browser.warnings.length <= 1);
  });
}

test("10 storage that cannot be accessed is a warning", async () => {
  const browser = polling();
  const forbidden = () => {
    throw new DOMException("no", "SecurityError");
  };
  const { client } = browser.tab({ storage: undefined, env: { storage: forbidden } });
  await client.submit(NEW_JOB);
  assert.equal(browser.warnings.length, 1);
});

test("11 a confirmed cost is sent with the same key", async () => {
  const browser = polling();
  const estimate = { cost: { expected: 0.8, max: 1.5, currency: "USD" } };
  browser.server.answer = ({ method, body }) =>
    method === "POST" && body?.type && body.options?.confirm_cost === undefined
      ? problem(428, "cost-confirmation-required", {
          estimate,
          alternatives: [{ change: "count 1" }],
        })
      : undefined;
  const questions = [];
  const onConfirmCost = (...args) => (questions.push(args), true);
  await browser.tab().client.submit(NEW_JOB, { onConfirmCost });
  assert.deepEqual(questions, [[estimate, [{ change: "count 1" }]]]);
  const [one, two] = browser.server.requests.filter((request) => request.method === "POST");
  assert.equal(one.headers.get("Idempotency-Key"), two.headers.get("Idempotency-Key"));
  assert.equal(two.body.options.confirm_cost, 1.5);
  const never = browser
    .tab()
    .client.submit({ ...NEW_JOB, payload: {} }, { onConfirmCost: () => false });
  await assert.rejects(never, (error) => error.code === "cost-confirmation-required");
});

test("13 input, session and maximum cost are sent under the server's names", async () => {
  const browser = polling();
  await browser
    .tab()
    .client.submit({ type: "x", input: { a: 1 } }, { sessionId: "s", maxCost: 0.5 });
  assert.deepEqual(browser.server.requests[0].body, {
    type: "x",
    payload: { a: 1 },
    session_id: "s",
    options: { max_cost: 0.5 },
  });
});

test("a 200 with HTML from a captive portal is no answer", async () => {
  const browser = polling();
  const handle = await browser.tab().client.submit(NEW_JOB);
  browser.server.answer = () => new Response("<html>Welcome to our hotel", { status: 200 });
  await browser.advance(3000);
  assert.equal(handle.snapshot().connection, "paused");
});

test("estimate and list send their parameters", async () => {
  const browser = polling();
  browser.server.answer = ({ path, query }) =>
    path === "/jobs/estimate"
      ? json(200, { allowed: true })
      : json(200, { jobs: [], asked: String(query) });
  const { client } = browser.tab();
  assert.deepEqual(await client.estimate(NEW_JOB), { allowed: true });
  assert.equal(
    (await client.list({ status: ["pending", "failed"], q: undefined })).asked,
    "status=pending&status=failed",
  );
});
