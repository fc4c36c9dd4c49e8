// What can be done about a job. What costs money or cannot be taken back is asked for first.
import { html, useState } from "./html.js";
import { client, Refused, retryPlan } from "./api.js";
import { ask } from "./ask.js";
import { price } from "./cost.js";
import { refreshSoon } from "./jobs.js";
import { ended } from "./rows.js";
import { Copy } from "./command.js";
import { mine, removeSoon, say } from "./toast.js";
import { curl, words } from "./text.js";

/** @param {{job: any}} given */
export function Actions({ job }) {
  const [busy, setBusy] = useState("");
  const run = (/** @type {string} */ word, /** @type {() => Promise<void>} */ act) => async () => {
    setBusy(word);
    try {
      await act();
    } catch (error) {
      say({ key: `${job.id}-${word}`, bad: true, text: error instanceof Error ? error.message : String(error) });
    }
    setBusy("");
  };
  const cancelling = job.phase === "cancelling";
  const over = ended(job);
  const url = `${location.origin}/jobs/${job.id}`;
  return html`<div class="actions">
    ${!over && html`<button onClick=${run("cancel", () => cancel(job))} disabled=${!!busy || cancelling}>${busy || cancelling ? "Stopping…" : "Cancel"}</button>`}
    ${["failed", "cancelled"].includes(job.status) && html`<button class="main" onClick=${run("retry", () => retry(job))} disabled=${!!busy}>${busy === "retry" ? "Asking…" : "Retry"}</button>`}
    <${Copy} label="curl" title="Copy as a curl command" text=${curl("GET", url)} />
    ${over && html`<button class="small bad" onClick=${() => removeSoon(job)}>Delete</button>`}
  </div>`;
}

/** @param {any} job */
async function cancel(job) {
  await client.watch(job.id).cancel();
  refreshSoon();
}

/** Says what is kept and what is bought, then does it. @param {any} job */
async function retry(job) {
  const plan = await retryPlan(job.id);
  const doubtful = plan.may_pay_again;
  if (!(await ask({ title: "Retry this job?", body: html`<${Plan} plan=${plan} />`, yes: doubtful.length ? "Retry, and maybe pay again" : "Retry" }))) return;
  await again(job, doubtful.length > 0);
}

/** @param {any} job @param {boolean} consent */
async function again(job, consent) {
  const handle = client.watch(job.id);
  try {
    await handle.retry(consent ? { accept_duplicate_charge: true } : {});
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 428 || consent) throw error;
    const body = html`<p>${error.message}</p>`;
    if (await ask({ title: "It may be paid for twice", body, yes: "Buy it again", bad: true })) await again(job, true);
    return;
  }
  mine(handle);
  refreshSoon();
}

/** @param {{plan: any}} given */
function Plan({ plan: { reused_steps: kept, will_buy: bought, may_pay_again: doubtful, cost } }) {
  const named = (/** @type {string[]} */ steps) => steps.map(words).join(", ");
  return html`${kept.length > 0 && html`<p><b>Kept, paid for already:</b> ${named(kept)}.</p>`}
    <p><b>Bought anew:</b> ${bought.length ? named(bought) : "nothing"}.</p>
    ${bought.length > 0 && html`<p>${price(cost)}.</p>`}
    ${doubtful.length > 0 && html`<p class="note bad">${doubtful.length === 1 ? "One call" : `${doubtful.length} calls`} may have been paid for, with the answer lost. A retry buys ${doubtful.length === 1 ? "it" : "them"} once more.</p>`}`;
}
