// The hooks and components, under StrictMode, against the server in memory.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { React, hooks, render, ui } from "./fakes/dom.js";
import { Browser, NEW_JOB } from "./fakes/browser.js";
import { json, problem } from "./fakes/server.js";

/** Problem code → body, as the server sends it (`make snapshots`). */
const PROBLEMS = JSON.parse(
  readFileSync(new URL("../architecture/snapshots/problems.json", import.meta.url), "utf8"),
);

const h = React.createElement;
const {
  useCostGuard,
  useCreateJob,
  useJobPolling,
  useJobRecovery,
  useJobs,
  useJobStatus,
  useSubmitJob,
} = hooks;

/** A component that shows what a hook returns in `seen.now`. */
function showing(use) {
  const seen = { now: undefined };
  return [seen, (props) => ((seen.now = use(props)), null)];
}

const page = (streaming = true) => {
  const browser = new Browser();
  browser.server.streaming = streaming;
  return { browser, tab: browser.tab() };
};

test("useJobPolling: submits, follows, and calls back once with the result", async () => {
  const { browser, tab } = page();
  const calls = [];
  const [seen, Page] = showing(() =>
    useJobPolling(
      (...a) => calls.push(a),
      (...a) => calls.push(a),
    ),
  );
  const view = await render(tab, Page);
  assert.equal(browser.server.requests.length, 0, "nothing is sent before submit");
  let job;
  await view.act(async () => {
    job = await seen.now.submit(NEW_JOB);
  });
  assert.equal(job.id, "job-1");
  assert.deepEqual(
    [seen.now.isPolling, seen.now.isCompleted, seen.now.isSubmitting],
    [true, false, false],
  );
  await view.act(() => browser.server.work("job-1"));
  assert.equal(seen.now.progress, 20);
  await view.act(() =>
    browser.server.emit("job-1", { type: "delta", text: "Long ago", offset: 0 }),
  );
  assert.equal(seen.now.partial.text, "Long ago");
  await view.act(() => browser.server.finish("job-1"));
  await view.advance(10_000);
  assert.deepEqual([seen.now.isPolling, seen.now.isCompleted], [false, true]);
  assert.deepEqual(
    calls.map(([result]) => result),
    [[{ name: "Aragorn" }]],
  );
});

test("useJobPolling: a failed job, then submit again is another job", async () => {
  const { browser, tab } = page(false);
  const errors = [];
  const [seen, Page] = showing(() => useJobPolling(undefined, (error) => errors.push(error)));
  const view = await render(tab, Page);
  await view.act(() => seen.now.submit(NEW_JOB));
  browser.server.fail("job-1", "The model refused");
  await view.advance(3000);
  assert.deepEqual(
    [seen.now.isFailed, seen.now.error, errors],
    [true, "The model refused", ["The model refused"]],
  );
  await view.act(() => seen.now.submit(NEW_JOB));
  assert.equal(browser.server.jobs.size, 2);
  assert.equal(seen.now.job.id, "job-2");
});

test("useJobPolling: a refusal calls onError once, and submit resolves to null", async () => {
  const { browser, tab } = page();
  browser.server.answer = () =>
    problem(400, "validation-error", { detail: "count must be at most 10" });
  const errors = [];
  const [seen, Page] = showing(() => useJobPolling(undefined, (error) => errors.push(error)));
  const view = await render(tab, Page);
  let job;
  await view.act(async () => {
    job = await seen.now.submit(NEW_JOB);
  });
  assert.deepEqual(
    [job, errors, seen.now.error],
    [null, ["count must be at most 10"], "count must be at most 10"],
  );
});

test("useJobPolling: a lost network is no error; isPaused is true", async () => {
  const { browser, tab } = page(false);
  const errors = [];
  const [seen, Page] = showing(() => useJobPolling(undefined, (error) => errors.push(error)));
  const view = await render(tab, Page);
  await view.act(() => seen.now.submit(NEW_JOB));
  browser.network = () => "down";
  await view.advance(600_000);
  assert.deepEqual([seen.now.isPaused, errors, seen.now.isPolling], [true, [], true]);
});

test("a double click is one job", async () => {
  const { browser, tab } = page();
  const [seen, Page] = showing(() => useJobPolling());
  const view = await render(tab, Page);
  await view.act(() => Promise.all([seen.now.submit(NEW_JOB), seen.now.submit(NEW_JOB)]));
  assert.equal(browser.server.jobs.size, 1);
});

test("leaving the page stops polling and cancels nothing; the end is announced at the next visit", async () => {
  const { browser, tab } = page(false);
  const ends = [];
  const [seen, Page] = showing(() => useJobPolling(() => ends.push("late")));
  const view = await render(tab, Page);
  await view.act(() => seen.now.submit(NEW_JOB));
  await view.unmount();
  const requests = browser.server.requests.length;
  await browser.advance(20_000);
  browser.server.finish("job-1");
  await browser.advance(20_000);
  assert.equal(browser.server.requests.length, requests);
  const [recovery, Home] = showing(() => useJobRecovery());
  const home = await render(tab, Home);
  assert.deepEqual([ends, recovery.now.completedWhileAway.map((job) => job.id)], [[], ["job-1"]]);
  await home.act(() => recovery.now.dismiss("job-1"));
  assert.deepEqual(recovery.now.completedWhileAway, []);
  assert.deepEqual(
    browser.server.seen.map(({ id }) => id),
    ["job-1"],
  );
});

test("useJobStatus: follows an id; null waits; another id is followed instead", async () => {
  const { browser, tab } = page(false);
  for (const count of [1, 2])
    await tab.client.submit({ ...NEW_JOB, payload: { count } }, { follow: false });
  const completed = [];
  const [seen, Page] = showing(({ id }) =>
    useJobStatus(id, { interval: 2000, onComplete: (job) => completed.push(job.id) }),
  );
  const view = await render(tab, Page, { id: null });
  assert.deepEqual([seen.now.job, seen.now.isLoading], [null, false]);
  await view.show({ id: "job-1" });
  assert.equal(seen.now.job.id, "job-1");
  const before = browser.server.count("GET", /job-1$/);
  await view.advance(6000);
  assert.equal(browser.server.count("GET", /job-1$/) - before, 3, "every 2 s");
  browser.server.finish("job-1");
  await view.advance(2000);
  assert.deepEqual([completed, seen.now.isComplete, seen.now.progress], [["job-1"], true, 100]);
  await view.show({ id: "job-2" });
  assert.equal(seen.now.job.id, "job-2");
  await view.act(() => seen.now.cancel());
  assert.equal(seen.now.job.status, "cancelled");
  await view.act(() => seen.now.retry());
  assert.equal(seen.now.job.status, "pending");
});

test("two components of one job get its end once each; a later one does not", async () => {
  const { browser, tab } = page();
  await tab.client.submit(NEW_JOB, { follow: false });
  const heard = [];
  const One = ({ name }) => (useJobStatus("job-1", { onComplete: () => heard.push(name) }), null);
  const view = await render(tab, () =>
    h(React.Fragment, null, h(One, { name: "a" }), h(One, { name: "b" })),
  );
  await view.act(() => browser.server.finish("job-1"));
  await render(tab, One, { name: "late" });
  await view.advance(5000);
  assert.deepEqual(heard.sort(), ["a", "b"]);
});

test("useCreateJob: type and payload, onComplete with the job", async () => {
  const { browser, tab } = page();
  const done = [];
  const [seen, Page] = showing(() => useCreateJob({ onComplete: (job) => done.push(job.result) }));
  const view = await render(tab, Page);
  await view.act(() => seen.now.createJob("ai_trip_generation", { destination: "Tokyo" }));
  assert.equal(seen.now.isLoading, true);
  assert.equal(browser.server.jobs.get("job-1").type, "ai_trip_generation");
  await view.act(() => browser.server.finish("job-1", { tripId: 7 }));
  assert.deepEqual([done, seen.now.isComplete, seen.now.isLoading], [[{ tripId: 7 }], true, false]);
});

test("useSubmitJob: only submits", async () => {
  const { browser, tab } = page();
  const [seen, Page] = showing(() => useSubmitJob());
  const view = await render(tab, Page);
  await view.act(() => seen.now.submit(NEW_JOB));
  await view.advance(30_000);
  assert.deepEqual([seen.now.job.id, browser.server.requests.length], ["job-1", 1]);
});

test("useJobRecovery: after a reload the running job is recovery and updated", async () => {
  const { browser, tab } = page();
  await tab.client.submit(NEW_JOB);
  tab.kill();
  const [seen, Page] = showing(() => useJobRecovery());
  const view = await render(browser.tab(), Page);
  assert.deepEqual(
    seen.now.jobs.map((job) => job.id),
    ["job-1"],
  );
  await view.advance(25_000);
  await view.act(() => browser.server.work("job-1"));
  assert.equal(seen.now.jobs[0].progress, 20);
});

test("useJobRecovery: a job that ends after the reload stays until it is dismissed", async () => {
  const { browser, tab } = page();
  await tab.client.submit(NEW_JOB);
  await tab.client.submit({ ...NEW_JOB, type: "generate_relics" });
  tab.kill();
  const [seen, Page] = showing(() => useJobRecovery());
  const view = await render(browser.tab(), Page);
  assert.equal(seen.now.jobs.length, 2);
  await view.advance(25_000);
  await view.act(() => browser.server.finish("job-1"));
  await view.act(() => browser.server.fail("job-2"));
  await view.advance(5000);
  assert.deepEqual(seen.now.jobs, []);
  assert.deepEqual(
    seen.now.completedWhileAway.map(({ id, status, result }) => [id, status, result]),
    [
      ["job-1", "completed", [{ name: "Aragorn" }]],
      ["job-2", "failed", null],
    ],
  );
  await view.act(() => seen.now.dismiss("job-1"));
  assert.deepEqual(
    [seen.now.completedWhileAway.map(({ id }) => id), browser.server.seen.map(({ id }) => id)],
    [["job-2"], ["job-1"]],
  );
});

test("useJobRecovery: a job that is deleted after the reload is no longer shown", async () => {
  const { browser, tab } = page(false);
  await tab.client.submit(NEW_JOB);
  tab.kill();
  const [seen, Page] = showing(() => useJobRecovery());
  const view = await render(browser.tab(), Page);
  assert.equal(seen.now.jobs.length, 1);
  browser.server.jobs.delete("job-1");
  await view.advance(10_000);
  assert.deepEqual([seen.now.jobs, seen.now.completedWhileAway], [[], []]);
});

test("useJobs: the list is read again after an event", async () => {
  const { browser, tab } = page();
  const [seen, Page] = showing(() => useJobs({ status: "active" }));
  const view = await render(tab, Page);
  assert.deepEqual([seen.now.jobs, seen.now.isLoading], [[], false]);
  await tab.client.submit(NEW_JOB);
  browser.server.work("job-1");
  browser.server.change("job-1", { progress: 30 });
  await view.advance(1000);
  assert.deepEqual(
    seen.now.jobs.map((job) => job.progress),
    [30],
  );
  assert.equal(browser.server.count("GET", /^\/jobs$/) <= 4, true);
});

/** An application with a cost guard: its job's id and status, else the error. */
const Guarded = () => {
  const guard = useCostGuard();
  const { submit, job, error } = useJobPolling(undefined, undefined, {
    onConfirmCost: guard.confirm,
  });
  return h(
    "div",
    null,
    h("button", { onClick: () => submit(NEW_JOB) }, "Go"),
    h("button", { onClick: () => submit({ ...NEW_JOB, type: "generate_relics" }) }, "Relics"),
    error ?? job?.id ?? "",
    h(ui.CostGuardDialog, { guard }),
  );
};

const CONFIRMATION = PROBLEMS["cost-confirmation-required"];

/** Answers POST /jobs with a problem of the server until the cost is confirmed. */
const refusing =
  (body) =>
  ({ method, path, body: sent }) =>
    method === "POST" && path === "/jobs" && !sent.options?.confirm_cost
      ? json(body.status, body)
      : undefined;

test("the cost guard shows what the server asks, and the answer decides", async () => {
  const { browser, tab } = page();
  browser.server.answer = refusing(CONFIRMATION);
  const view = await render(tab, Guarded);
  await view.click("Go");
  await view.advance(0);
  assert.match(view.text(), /This job could cost up to \$0\.021, usually \$0\.00393\./);
  await view.click("Cancel");
  await view.advance(0);
  assert.match(view.text(), /The job may cost/);
  assert.equal(view.find("dialog"), null);
  await view.click("Go");
  await view.advance(0);
  await view.click("Confirm");
  await view.advance(0);
  assert.match(view.text(), /job-1/);
  assert.deepEqual(browser.server.jobs.get("job-1").body.options, {
    confirm_cost: CONFIRMATION.estimate.cost.max,
  });
});

test("the cost guard takes a cheaper request on a click, also after a lost answer", async () => {
  const { browser, tab } = page();
  browser.server.answer = refusing(CONFIRMATION);
  const view = await render(tab, Guarded);
  await view.click("Go");
  await view.advance(0);
  let lost = 1;
  browser.network = ({ body }) => (body?.options?.confirm_cost && lost-- > 0 ? "down" : undefined);
  await view.click("Count 1, at most $0.010");
  const [intent] = tab.client.records.all();
  await view.advance(40_000);
  const [{ payload, options }] = [...browser.server.jobs.values()].map(({ body }) => body);
  assert.deepEqual(
    [payload, options],
    [{ ...NEW_JOB.payload, count: 1 }, { confirm_cost: CONFIRMATION.alternatives[0].cost.max }],
  );
  assert.deepEqual(intent.body.payload, payload, "a reload sends the same again");
});

test("each kind of alternative has words", async () => {
  const { tab } = page();
  const cost = { expected: 0.1, max: 0.339, currency: "USD" };
  const alternatives = [
    { change: { payload: { count: 1 } }, cost },
    { change: { payload: { characters: 2, events: 2 } }, cost },
    { change: { options: { model: "gpt-5-nano" } }, cost },
    { change: { options: { cache: "only" } }, cost: { ...cost, expected: 0, max: 0 } },
    { change: { payload: { scope: { places: 1 } } }, cost: { ...cost, max: null } },
  ];
  const chosen = [];
  const pending = { ...CONFIRMATION, alternatives };
  const guard = { pending, decline: () => {}, choose: (one) => chosen.push(one) };
  const view = await render(tab, ui.CostGuardDialog, { guard });
  const texts = [
    "Count 1, at most $0.34",
    "Characters 2, Events 2, at most $0.34",
    "Model gpt-5-nano, at most $0.34",
    "Cached result of an identical job, free",
    'Scope {"places":1}, price unknown',
  ];
  for (const text of texts) await view.click(text);
  assert.deepEqual(chosen, alternatives);
});

test("every problem of the server is shown as a message or a question", async () => {
  for (const [code, body] of Object.entries(PROBLEMS)) {
    const { browser, tab } = page();
    browser.server.answer = refusing(body);
    const view = await render(tab, Guarded);
    await view.click("Go");
    await view.advance(0);
    const asks = code === "cost-confirmation-required";
    assert.equal(!!view.find("dialog"), asks, code);
    const waits = body.status >= 500 || body.status === 429; // the client tries again by itself
    const shown = asks ? "Confirm cost" : waits ? "Go" : body.detail;
    assert.ok(view.text().includes(shown), `${code}: ${view.text()}`);
    tab.kill();
    await view.unmount();
  }
});

test("two questions are asked one after the other; leaving the page declines", async () => {
  const { browser, tab } = page();
  browser.server.answer = refusing(CONFIRMATION);
  const view = await render(tab, Guarded);
  await view.click("Go");
  await view.click("Relics");
  await view.advance(0);
  await view.click("Confirm");
  await view.advance(0);
  assert.ok(view.find("dialog"), "the second question");
  await view.unmount();
  await browser.advance(0);
  assert.deepEqual([browser.server.jobs.size, tab.client.records.all().length], [1, 1]);
});

test("an action that the server refuses is an error of the hook", async () => {
  const { browser, tab } = page();
  const [seen, Page] = showing(() => useJobPolling());
  const view = await render(tab, Page);
  await view.act(() => seen.now.submit(NEW_JOB));
  await view.act(() => browser.server.fail("job-1"));
  const refusal = PROBLEMS["duplicate-charge-possible"];
  browser.server.answer = ({ path, body }) =>
    path.endsWith("/retry") && !body.accept_duplicate_charge
      ? json(refusal.status, refusal)
      : undefined;
  await view.act(() => seen.now.retry({ type: "click" }));
  assert.equal(seen.now.error, refusal.detail);
  await view.act(() => seen.now.retry({ accept_duplicate_charge: true }));
  assert.deepEqual([seen.now.error, seen.now.job.status], [null, "pending"]);
});

test("NetworkStatus is empty while the server answers", async () => {
  const { browser, tab } = page(false);
  const view = await render(tab, ui.NetworkStatus);
  await view.act(() => tab.client.submit(NEW_JOB));
  assert.equal(view.text(), "");
  browser.network = () => "down";
  await view.advance(4000);
  assert.match(view.text(), /Reconnecting… Your jobs continue in the background\. Since/);
  tab.navigator.onLine = false;
  await view.act(() => tab.fire("offline"));
  assert.match(view.text(), /You are offline/);
});

const JOB = {
  id: "j",
  type: "generate_relics",
  status: "processing",
  progress: 42,
  message: "Forging...",
  version: 1,
  attempt: 1,
  result: null,
  created_at: "2026-01-10T12:00:00Z",
  progress_source: "simulated",
};

test("progress is accessible, and an estimated bar is labelled as such", async () => {
  const { tab } = page();
  const view = await render(tab, ui.default, { job: JOB });
  const bar = view.find('[role="progressbar"]');
  assert.deepEqual(
    ["aria-valuenow", "aria-valuetext"].map((name) => bar.getAttribute(name)),
    ["42", "about 42 %"],
  );
  assert.ok(bar.classList.contains("ls-simulated"));
  assert.equal(view.find('[role="status"]').textContent, "Forging...");
  await view.show({ job: { ...JOB, progress_source: "tokens" }, showMessage: false });
  assert.ok(!bar.classList.contains("ls-simulated"));
  assert.equal(view.find('[role="status"]'), null);
  await view.show({ job: { ...JOB, status: "failed", error: "<b>no</b>" } });
  assert.equal(view.find('[role="alert"]').textContent, "<b>no</b>");
  await view.show({ job: null });
  assert.equal(view.text(), "");
});

test("ProgressTracker offers the possible actions", async () => {
  const { tab } = page();
  const done = [];
  const props = {
    onCancel: () => done.push("cancel"),
    onRetry: () => done.push("retry"),
    showDetails: true,
  };
  const view = await render(tab, ui.ProgressTracker, { job: JOB, ...props });
  await view.click("Cancel");
  await view.show({ job: { ...JOB, status: "failed", error: "no" } });
  await view.click("Retry");
  await view.show({ job: { ...JOB, status: "completed" } });
  assert.equal(view.find("button"), null);
  assert.deepEqual(done, ["cancel", "retry"]);
});

test("CompactProgressTracker and RecoveryToast", async () => {
  const { tab } = page();
  const line = await render(tab, ui.CompactProgressTracker, { job: JOB });
  assert.match(line.text(), /Forging/);
  const dismissed = [];
  const toast = await render(tab, ui.RecoveryToast, {
    jobs: [{ ...JOB, status: "completed" }],
    onView: () => {},
    onDismiss: (id) => dismissed.push(id),
  });
  assert.match(toast.text(), /generate_relics completed while you were away/);
  await toast.click("×");
  assert.deepEqual(dismissed, ["j"]);
});
