// The buttons of a job: cancel, retry, delete, and its curl command.
import { html, useState } from "../lib/html.js";
import { address, client } from "../lib/api.js";
import { curl } from "../lib/text.js";
import { deleteSoon } from "../jobs/delete-job.js";
import { refreshSoon } from "../jobs/job-list.js";
import { hasEnded } from "../jobs/row-updates.js";
import { CopyButton } from "../ui/copy.js";
import { showError } from "../ui/toasts.js";
import { retryWithConfirmation } from "./retry.js";

/** @typedef {import("../lib/types.js").Job} Job */

/** @param {{job: Job}} props */
export function Actions({ job }) {
  const [busy, setBusy] = useState("");
  const run =
    (/** @type {string} */ name, /** @type {() => Promise<void>} */ action) => async () => {
      setBusy(name);
      await action().catch((error) => showError(`${job.id}-${name}`, error));
      setBusy("");
    };
  const ended = hasEnded(job);
  const cancelling = !!busy || job.phase === "cancelling";
  const retryable = ["failed", "cancelled"].includes(job.status);
  return html`<div class="actions">
    ${!ended &&
    html`<button onClick=${run("cancel", () => cancel(job))} disabled=${cancelling}>
      ${cancelling ? "Cancelling…" : "Cancel"}
    </button>`}
    ${retryable &&
    html`<button
      class="main"
      onClick=${run("retry", () => retryWithConfirmation(job))}
      disabled=${!!busy}
    >
      ${busy === "retry" ? "Loading…" : "Retry"}
    </button>`}
    <${CopyButton}
      label="curl"
      title="Copy as a curl command"
      text=${curl("GET", address(`/jobs/${job.id}`))}
    />
    ${ended && html`<button class="small bad" onClick=${() => deleteSoon(job)}>Delete</button>`}
  </div>`;
}

/** @param {Job} job */
async function cancel(job) {
  await client.watch(job.id).cancel();
  refreshSoon();
}
