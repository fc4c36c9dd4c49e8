// The snippets of the documents the product was asked for with, as they are written there. JSX is
// turned into calls; nothing else is changed but where the imports come from.

import assert from "node:assert/strict";
import test from "node:test";
import { transformSync } from "esbuild";
import { React, hooks, render, ui } from "./fakes/dom.js";
import { Browser } from "./fakes/browser.js";

/** The component that a snippet defines, with the names that the snippet takes for granted. */
function component(name, source, given) {
  const { code } = transformSync(source, { loader: "tsx" });
  const { default: JobProgressSpinner, ...components } = ui;
  const names = {
    React,
    useState: React.useState,
    useEffect: React.useEffect,
    ...hooks,
    ...components,
    JobProgressSpinner,
    ...given,
  };
  return new Function(...Object.keys(names), `${code}\nreturn ${name};`)(...Object.values(names));
}

const Button = (props) => React.createElement("button", props);

test("001: useJobPolling with a spinner, and a retry button when it failed", async () => {
  const browser = new Browser();
  const seen = { data: [], errors: [] };
  const Page = component(
    "Page",
    `
    function Page() {
      const { submit, job, isPolling, isCompleted, isFailed } = useJobPolling(
        (result) => {
          // Success callback - result contains generated data
          setGeneratedData(result);
        },
        (error) => {
          // Error callback - error is string message
          setError(error);
        }
      );
      const go = async () => {
        await submit({
          type: "generate_characters",
          payload: { theme: "fantasy", count: 3 }
        });
      };
      if (isFailed) {
        return (
          <div>
            <p>Error: {job?.error}</p>
            <button onClick={() => submit({ type: "generate_characters", payload: { theme: "fantasy", count: 3 } })}>Retry</button>
          </div>
        );
      }
      return (
        <div>
          <button onClick={go}>Go</button>
          <i>{isPolling ? "polling" : ""}{isCompleted ? "completed" : ""}</i>
          <JobProgressSpinner
            job={job}              // Job from useJobPolling
            showProgress={true}    // Show progress bar (0-100%)
            showMessage={true}     // Show status message
          />
        </div>
      );
    }`,
    {
      setGeneratedData: (data) => seen.data.push(data),
      setError: (error) => seen.errors.push(error),
    },
  );
  const view = await render(browser.tab(), Page);
  await view.click("Go");
  assert.equal(view.find("i").textContent, "polling");
  assert.match(view.text(), /Preparing your request/);
  await view.act(() => browser.server.fail("job-1", "gRPC timeout"));
  assert.match(view.text(), /Error: gRPC timeout/);
  await view.click("Retry");
  await view.act(() => browser.server.finish("job-2"));
  assert.equal(view.find("i").textContent, "completed");
  assert.deepEqual(seen, { data: [[{ name: "Aragorn" }]], errors: ["gRPC timeout"] });
});

test("003: useCreateJob makes a trip", async () => {
  const browser = new Browser();
  const visited = [];
  const Page = component(
    "TripGenerator",
    `
    function TripGenerator() {
      const { createJob, job, isLoading, isComplete, error } = useCreateJob({
        onComplete: (job) => {
          toast.success('Trip created!');
          navigate(\`/trips/\${job.result.tripId}\`);
        }
      });

      const handleGenerate = async () => {
        await createJob('ai_trip_generation', {
          destination: 'Barcelona',
          dates: { start: '2025-06-01', end: '2025-06-07' },
          preferences: { style: 'luxury', budget: 5000 }
        });
      };

      return (
        <div>
          <Button onClick={handleGenerate}>Generate Trip</Button>

          {job && <ProgressTracker job={job} showDetails />}

          {isComplete && job.result && (
            <TripPreview data={job.result} />
          )}
        </div>
      );
    }`,
    {
      Button,
      TripPreview: ({ data }) => `trip ${data.tripId}`,
      toast: { success: () => {} },
      navigate: (path) => visited.push(path),
    },
  );
  const view = await render(browser.tab(), Page);
  await view.click("Generate Trip");
  await view.act(() => browser.server.finish("job-1", { tripId: 7 }));
  assert.deepEqual(visited, ["/trips/7"]);
  assert.match(view.text(), /trip 7$/);
});

test("003: useJobStatus with an id from elsewhere, and with cancel", async () => {
  const browser = new Browser();
  const tab = browser.tab();
  const Page = component(
    "AIResearch",
    `
    function AIResearch() {
      const [jobId, setJobId] = useState<string | null>(null);
      const { job, isComplete, progress, error, cancel } = useJobStatus(jobId);

      const handleResearch = async () => {
        const response = await api.post('/jobs', {
          type: 'ai_research',
          input: { query: 'Best hidden gems in Tokyo' }
        });
        setJobId(response.data.id);
      };

      return (
        <div>
          <Button onClick={handleResearch}>Start Research</Button>
          <Button onClick={cancel}>Cancel</Button>

          {job && !isComplete && (
            <CompactProgressTracker job={job} />
          )}

          {isComplete && (
            <ResearchResults data={job.result} />
          )}
        </div>
      );
    }`,
    {
      Button,
      ResearchResults: ({ data }) => data,
      api: {
        post: async (path, body) => ({
          data: (await tab.client.http.send("POST", path, { body })).body,
        }),
      },
    },
  );
  const view = await render(tab, Page);
  await view.click("Start Research");
  await view.advance(0);
  assert.match(view.text(), /Preparing your request/);
  await view.click("Cancel");
  await view.advance(0);
  assert.equal(browser.server.jobs.get("job-1").status, "cancelled");
  await view.click("Start Research");
  await view.advance(0);
  await view.act(() => browser.server.finish("job-2", "Yanaka"));
  assert.match(view.text(), /Yanaka$/);
});

test("000 and 002: a job that ran when the page was closed is announced when it opens", async () => {
  const browser = new Browser();
  const before = browser.tab();
  for (const count of [1, 2])
    await before.client.submit({ type: "x", payload: { count } }, { follow: false });
  before.kill();
  browser.server.finish("job-1");
  const Page = component(
    "Page",
    `
    function Page() {
      const { jobs, completedWhileAway, resume, dismiss } = useJobRecovery({ sessionId });
      return <div>{jobs.length} resumed<RecoveryToast jobs={completedWhileAway} onDismiss={dismiss} /></div>;
    }`,
    { sessionId: undefined },
  );
  const view = await render(browser.tab(), Page);
  assert.match(view.text(), /1 resumedx completed while you were away/);
  await view.click("×");
  assert.doesNotMatch(view.text(), /away/);
});
