// Programs of a user, type-checked against the packed npm package.

import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { install, typeErrors } from "./installed.js";

let folder;
before(() => (folder = install()));
after(() => rmSync(folder, { recursive: true }));

const docs = readFileSync(new URL("../../docs/browser.md", import.meta.url), "utf8");
const snippets = [...docs.matchAll(/^```(js|tsx?|jsx)\n(.*?)^```/gms)];

/** A program that marks what must be wrong by `@ts-expect-error`. */
const PROGRAM = `
import { createJobsClient, JobFailed, type JobEvent, type JobsClient, type Schemas } from "loresmith";
import { useCostGuard, useJobPolling, useJobRecovery, useJobStatus, useJobs } from "loresmith/react";
import JobProgressSpinner, { CostGuardDialog } from "loresmith/react-ui";

type IsAny<T> = 0 extends 1 & T ? true : false;
const typed = <T,>(_value: T, _isAny: IsAny<T>) => {};

const client: JobsClient = createJobsClient({ backoff: { base: 1, max: 2 } });
typed(client, false);

const job = await client.submit({ type: "generate_relics", payload: { theme: "salt" } });
const done = await job.done();
typed(done.result, false);
const name: string | undefined = done.result[0]?.name;
typed(done.cost, false);
typed(done.cost.actual, false);
typed(done.usage, false);
typed(done.usage?.input_tokens, false);
typed(done.error_detail, false);
typed(done.error_detail?.code, false);
typed(done.partial_result, false);
typed(job.snapshot().job?.result, false);

// @ts-expect-error: a typo in the payload
void client.submit({ type: "generate_relics", payload: { themes: "salt" } });
// @ts-expect-error: a typo in the options
void client.submit({ type: "generate_relics", payload: { theme: "salt" }, options: { cash: "use" } });
// @ts-expect-error: there are no batches yet
void client.batch({});
// @ts-expect-error: a relic has no hat
void done.result[0]?.hat;
// @ts-expect-error: a status that does not exist
void (done.status === "running");

const own = await client.submit({ type: "my_own_type", payload: { anything: [1] } });
// @ts-expect-error: the result of a type that is not built in is unknown
void (await own.done()).result.name;

const reply = await client.estimate({ type: "generate_relics", payload: { theme: "salt" } });
typed(reply, false);
typed(reply.estimate.cost.max, false);
typed(reply.alternatives[0]?.change.payload, false);
typed((await client.list({ status: "active" })).jobs[0]?.usage, false);

for await (const event of job.events()) {
  typed(event, false);
  const same: JobEvent = event;
  if (event.type === "delta") void (event.offset + event.text.length);
  else if (event.type === "cost") typed(event.cost.actual, false);
  else if (event.type === "usage") typed(event.usage.calls, false);
  // @ts-expect-error: an event that does not exist
  else if (event.type === "nothing") void same;
}
client.feed.subscribe((event) => {
  typed(event, false);
  if (event?.type === "counts") typed(event.counts, false);
});

await client.submit(
  { type: "generate_relics", payload: { theme: "salt" } },
  {
    onConfirmCost: (estimate, alternatives) => {
      typed(estimate, false);
      typed(estimate.cost.max, false);
      // @ts-expect-error: the server sends no duration here
      void estimate.duration_s;
      return alternatives[0] ?? false;
    },
  },
).catch((error: unknown) => error instanceof JobFailed && typed(error.job.error_detail, false));

export function Page({ relics }: { relics: (all: Schemas["Relic"][]) => void }) {
  const guard = useCostGuard();
  typed(guard.pending?.estimate, false);
  const polling = useJobPolling((result: Schemas["Relic"][]) => relics(result));
  typed(polling.job?.result, false);
  typed(polling.cost?.actual, false);
  typed(useJobStatus(null).job?.error_detail, false);
  typed(useJobRecovery().completedWhileAway, false);
  typed(useJobs().jobs[0]?.cost, false);
  return (
    <>
      <JobProgressSpinner job={polling.job} />
      <CostGuardDialog guard={guard} />
    </>
  );
}
void name;
`;

for (const resolution of ["bundler", "nodenext"]) {
  test(`docs/browser.md compiles, and nothing is any (module resolution ${resolution})`, () => {
    assert.equal(snippets.length, 2);
    const files = { "program.tsx": PROGRAM };
    for (const [i, [, language, text]] of snippets.entries())
      files[`snippet${i}.${language.replace("js", "ts")}`] = text;
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    assert.equal(typeErrors(folder, Object.keys(files), resolution), "");
  });
}
