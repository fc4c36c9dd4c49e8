// The hooks and components, under StrictMode, against the server in memory.

import assert from "node:assert/strict";
import test from "node:test";
import { React, hooks, render, ui } from "./fakes/dom.js";
import { Browser, WISH } from "./fakes/browser.js";
import { json, problem } from "./fakes/server.js";

const h = React.createElement;
const { useCostGuard, useCreateJob, useJobPolling, useJobRecovery, useJobs, useJobStatus, useSubmitJob } = hooks;

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

test("useJobPolling: asks, follows, and calls back once with the result", async () => {
  const { browser, tab } = page();
  const calls = [];
  const [seen, Page] = showing(() => useJobPolling((...a) => calls.push(a), (...a) => calls.push(a)));
  const view = await render(tab, Page);
  assert.equal(browser.server.requests.length, 0, "nothing is sent before submit");
  let job;
  await view.act(async () => { job = await seen.now.submit(WISH); });
  assert.equal(job.id, "job-1");
  assert.deepEqual([seen.now.isPolling, seen.now.isCompleted, seen.now.isSubmitting], [true, false, false]);
  await view.act(() => browser.server.work("job-1"));
  assert.equal(seen.now.progress, 20);
  await view.act(() => browser.server.emit("job-1", { type: "delta", text: "Long ago", offset: 0 }));
  assert.equal(seen.now.partial.text, "Long ago");
  await view.act(() => browser.server.finish("job-1"));
  await view.advance(10_000);
  assert.deepEqual([seen.now.isPolling, seen.now.isCompleted], [false, true]);
  assert.deepEqual(calls.map(([result]) => result), [[{ name: "Aragorn" }]]);
});

test("useJobPolling: a failed job, then submit again is another job", async () => {
  const { browser, tab } = page(false);
  const errors = [];
  const [seen, Page] = showing(() => useJobPolling(undefined, (error) => errors.push(error)));
  const view = await render(tab, Page);
  await view.act(() => seen.now.submit(WISH));
  browser.server.fail("job-1", "The model refused");
  await view.advance(3000);
  assert.deepEqual([seen.now.isFailed, seen.now.error, errors], [true, "The model refused", ["The model refused"]]);
  await view.act(() => seen.now.submit(WISH));
  assert.equal(browser.server.jobs.size, 2);
  assert.equal(seen.now.job.id, "job-2");
});

test("useJobPolling: a refusal is one onError, and submit answers null", async () => {
  const { browser, tab } = page();
  browser.server.answer = () => problem(400, "validation-error", { detail: "count must be at most 10" });
  const errors = [];
  const [seen, Page] = showing(() => useJobPolling(undefined, (error) => errors.push(error)));
  const view = await render(tab, Page);
  let job;
  await view.act(async () => { job = await seen.now.submit(WISH); });
  assert.deepEqual([job, errors, seen.now.error], [null, ["count must be at most 10"], "count must be at most 10"]);
});

test("useJobPolling: no network is no error; the page says paused", async () => {
  const { browser, tab } = page(false);
  const errors = [];
  const [seen, Page] = showing(() => useJobPolling(undefined, (error) => errors.push(error)));
  const view = await render(tab, Page);
  await view.act(() => seen.now.submit(WISH));
  browser.network = () => "down";
  await view.advance(600_000);
  assert.deepEqual([seen.now.isPaused, errors, seen.now.isPolling], [true, [], true]);
});

test("a double click is one job", async () => {
  const { browser, tab } = page();
  const [seen, Page] = showing(() => useJobPolling());
  const view = await render(tab, Page);
  await view.act(() => Promise.all([seen.now.submit(WISH), seen.now.submit(WISH)]));
  assert.equal(browser.server.jobs.size, 1);
});

test("leaving the page cancels nothing, stops the asking, and the end waits for the next visit", async () => {
  const { browser, tab } = page(false);
  const ends = [];
  const [seen, Page] = showing(() => useJobPolling(() => ends.push("late")));
  const view = await render(tab, Page);
  await view.act(() => seen.now.submit(WISH));
  await view.unmount();
  const asked = browser.server.requests.length;
  await browser.advance(20_000);
  browser.server.finish("job-1");
  await browser.advance(20_000);
  assert.equal(browser.server.requests.length, asked);
  const [found, Home] = showing(() => useJobRecovery());
  const home = await render(tab, Home);
  assert.deepEqual([ends, found.now.completedWhileAway.map((job) => job.id)], [[], ["job-1"]]);
  await home.act(() => found.now.dismiss("job-1"));
  assert.deepEqual(found.now.completedWhileAway, []);
  assert.deepEqual(browser.server.seen.map(({ id }) => id), ["job-1"]);
});

test("useJobStatus: follows an id, null waits, a change of the id follows the other", async () => {
  const { browser, tab } = page(false);
  for (const count of [1, 2]) await tab.client.submit({ ...WISH, payload: { count } }, { follow: false });
  const completed = [];
  const [seen, Page] = showing(({ id }) => useJobStatus(id, { interval: 2000, onComplete: (job) => completed.push(job.id) }));
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

test("two components with one job each hear its end once; a later one hears nothing", async () => {
  const { browser, tab } = page();
  await tab.client.submit(WISH, { follow: false });
  const heard = [];
  const One = ({ name }) => (useJobStatus("job-1", { onComplete: () => heard.push(name) }), null);
  const view = await render(tab, () => h(React.Fragment, null, h(One, { name: "a" }), h(One, { name: "b" })));
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
  await view.act(() => seen.now.submit(WISH));
  await view.advance(30_000);
  assert.deepEqual([seen.now.job.id, browser.server.requests.length], ["job-1", 1]);
});

test("useJobRecovery: after a reload the running job is there again, and moves", async () => {
  const { browser, tab } = page();
  await tab.client.submit(WISH);
  tab.kill();
  const [seen, Page] = showing(() => useJobRecovery());
  const view = await render(browser.tab(), Page);
  assert.deepEqual(seen.now.jobs.map((job) => job.id), ["job-1"]);
  await view.advance(25_000);
  await view.act(() => browser.server.work("job-1"));
  assert.equal(seen.now.jobs[0].progress, 20);
});

test("useJobs: a list that is read again when something happens", async () => {
  const { browser, tab } = page();
  const [seen, Page] = showing(() => useJobs({ status: "active" }));
  const view = await render(tab, Page);
  assert.deepEqual([seen.now.jobs, seen.now.isLoading], [[], false]);
  await tab.client.submit(WISH);
  browser.server.work("job-1");
  browser.server.change("job-1", { progress: 30 });
  await view.advance(1000);
  assert.deepEqual(seen.now.jobs.map((job) => job.progress), [30]);
  assert.equal(browser.server.count("GET", /^\/jobs$/) <= 4, true);
});

test("the cost guard asks, and the answer decides", async () => {
  const { browser, tab } = page();
  browser.server.answer = ({ path, body }) => (path === "/jobs" && body && !body.options?.confirm_cost
    ? problem(428, "cost-confirmation-required", { estimate: { cost: { expected: 0.8, max: 1.5, currency: "USD" } },
      alternatives: [{ change: "count 1", cost: 0.2 }] })
    : undefined);
  const Page = () => {
    const guard = useCostGuard();
    const { submit, job, error } = useJobPolling(undefined, undefined, { onConfirmCost: guard.confirm });
    return h("div", null, h("button", { onClick: () => submit(WISH) }, "Go"), job?.id ?? error, h(ui.CostGuardDialog, { guard }));
  };
  const view = await render(tab, Page);
  await view.click("Go");
  await view.advance(0);
  assert.match(view.text(), /up to 1.5 USD, usually 0.8.*count 1 – 0.2 USD/);
  await view.click("No");
  await view.advance(0);
  assert.match(view.text(), /no: cost-confirmation-required/);
  assert.equal(view.find("dialog"), null);
  await view.click("Go");
  await view.advance(0);
  await view.click("Yes, start it");
  await view.advance(0);
  assert.match(view.text(), /job-1/);
});

test("NetworkStatus is silent until the server is not heard", async () => {
  const { browser, tab } = page(false);
  const view = await render(tab, ui.NetworkStatus);
  await view.act(() => tab.client.submit(WISH));
  assert.equal(view.text(), "");
  browser.network = () => "down";
  await view.advance(4000);
  assert.match(view.text(), /Reconnecting… Your jobs continue in the background\. Since/);
  tab.navigator.onLine = false;
  await view.act(() => tab.fire("offline"));
  assert.match(view.text(), /You are offline/);
});

const JOB = { id: "j", type: "generate_relics", status: "processing", progress: 42, message: "Forging...",
  version: 1, attempt: 1, result: null, created_at: "2026-01-10T12:00:00Z", progress_source: "simulated" };

test("progress is readable without eyes, and a simulated bar does not pose as a measured one", async () => {
  const { tab } = page();
  const view = await render(tab, ui.default, { job: JOB });
  const bar = view.find('[role="progressbar"]');
  assert.deepEqual(["aria-valuenow", "aria-valuetext"].map((name) => bar.getAttribute(name)), ["42", "about 42 %"]);
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

test("ProgressTracker offers what can be done now", async () => {
  const { tab } = page();
  const done = [];
  const props = { onCancel: () => done.push("cancel"), onRetry: () => done.push("retry"), showDetails: true };
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
  const toast = await render(tab, ui.RecoveryToast,
    { jobs: [{ ...JOB, status: "completed" }], onView: () => {}, onDismiss: (id) => dismissed.push(id) });
  assert.match(toast.text(), /generate_relics completed while you were away/);
  await toast.click("×");
  assert.deepEqual(dismissed, ["j"]);
});
