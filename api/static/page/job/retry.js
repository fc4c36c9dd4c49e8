// Retries a job after showing what will run again and what it may cost.
import { html } from "../lib/html.js";
import { client, Refused, retryPlan } from "../lib/api.js";
import { words } from "../lib/text.js";
import { refreshSoon } from "../jobs/job-list.js";
import { announceEnd } from "../jobs/own-jobs.js";
import { priceText } from "../money/price-text.js";
import { confirm } from "../ui/confirm-dialog.js";

const RETRY_TWICE = "Retry (may be charged twice)";

/** @param {import("../lib/types.js").Job} job */
export async function retryWithConfirmation(job) {
  const plan = await retryPlan(job.id);
  const doubtful = plan.possibly_duplicate_charges.length > 0;
  const accepted = await confirm({
    title: "Retry this job?",
    body: html`<${Plan} plan=${plan} />`,
    accept: doubtful ? RETRY_TWICE : "Retry",
  });
  if (accepted) await retry(job.id, doubtful);
}

/** @param {string} id @param {boolean} acceptDuplicateCharge */
async function retry(id, acceptDuplicateCharge) {
  const handle = client.watch(id);
  try {
    await handle.retry(acceptDuplicateCharge ? { accept_duplicate_charge: true } : {});
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 428 || acceptDuplicateCharge) throw error;
    const body = html`<p>${error.message}</p>`;
    const question = {
      title: "Possible duplicate charge",
      body,
      accept: RETRY_TWICE,
      danger: true,
    };
    if (await confirm(question)) await retry(id, true);
    return;
  }
  announceEnd(handle);
  refreshSoon();
}

/** @param {{plan: import("../lib/types.js").RetryPlan}} props */
function Plan({ plan }) {
  const { cached_steps: reused, steps_to_run: rerun, kept_items: partial, cost } = plan;
  const doubtful = plan.possibly_duplicate_charges;
  const names = (/** @type {string[]} */ steps) => steps.map(words).join(", ");
  const calls = doubtful.length === 1 ? "One call" : `${doubtful.length} calls`;
  return html`${reused.length > 0 && html`<p><b>Already paid, reused:</b> ${names(reused)}.</p>`}
    ${partial.map(
      ({ step, count, total }) =>
        html`<p key=${step}><b>Kept:</b> ${count} of ${total} items of ${words(step)}.</p>`,
    )}
    <p><b>Will run again:</b> ${rerun.length ? names(rerun) : "nothing"}.</p>
    ${rerun.length > 0 && html`<p>${priceText(cost)}.</p>`}
    ${doubtful.length > 0 &&
    html`<p class="note bad">
      ${calls} may have been charged although the answer was lost. A retry may be charged again.
    </p>`}`;
}
