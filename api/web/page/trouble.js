// Why a job failed, and what helps.
import { html } from "./html.js";

const CURES = {
  llm_outcome_unknown: "A model call may have been paid for and its answer is lost. It is not bought again without your consent: retry, and say yes to paying again.",
  timeout: "It ran out of time. Ask for less in one job, or give it a longer options.timeout_s.",
  llm_error: "The model's server refused or broke. Retry it; finished steps are kept.",
  llm_refused: "The model would not write this. Change what is asked for.",
  not_cached: "Nothing identical was answered before. Send it anew with kept answers set to “Take one, if the same was asked before”.",
  output_schema: "The model's answer did not have the form it must have, twice. Retry it, or use a stronger model.",
  worker_lost: "Its worker was lost too often. Look at the System view, then retry.",
  expired_before_start: "No worker took it in time. Start one, then retry.",
  sink_error: "What was made could not be saved; it is kept. Retry it: nothing is bought twice.",
  cost_cap: "It would have cost more than is allowed. Ask for less, or raise the cap.",
  budget: "The budget was used up. It can be retried when there is money again.",
};

/** @param {{job: any}} given */
export function Trouble({ job }) {
  const { code = "", message = job.error ?? "", retryable } = job.error_detail ?? {};
  const cure = CURES[code] ?? (retryable === false ? "The same request will fail again." : retryable ? "A retry may help; finished steps are kept." : "");
  return html`<div class="trouble" role="alert"><h2>It failed${code && html` <code>${code}</code>`}</h2>
    <p>${message}</p>${cure && html`<p class="cure">${cure}</p>`}</div>`;
}
