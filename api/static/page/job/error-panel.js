// Why a job failed, and what to do about it.
import { html } from "../lib/html.js";

/** What happened and what to do, by error code. */
const ERRORS = {
  cost_limit: [
    "cost limit reached",
    "Read the message. Give the api and the lore_service the same prices and providers.",
  ],
  expired_before_start: ["not started in time", "Start a worker, then retry."],
  internal: ["internal error", "See the log of the worker."],
  job_type_unknown: ["job type unknown", "Start workers of the newer release, then retry."],
  llm_error: ["model provider error", "Retry. Finished steps are reused."],
  llm_outcome_unknown: [
    "outcome of a model call unknown",
    "The call may have been charged and its answer was lost. It is not called again without your " +
      "approval. Retry to approve a possible second charge.",
  ],
  llm_quota: ["provider quota exceeded", "Add credit, then retry."],
  llm_refused: ["the model refused", "Change what you ask for."],
  llm_unavailable: ["model provider unavailable", "Retry later. Finished steps are reused."],
  not_cached: [
    "no cached result",
    "Submit the job again with Cache set to “Use cached result if available”.",
  ],
  output_schema: ["invalid model output", "Retry, or use a stronger model."],
  sink_error: ["result not saved", "Retry. The result is kept and is not generated again."],
  step_failed: ["job type failed", "Read the message, which is the job type's own."],
  http_failed: ["request failed", "Retry. Finished steps are reused."],
  timeout: ["timed out", "Ask for less in one job, or set a longer options.timeout_s."],
  validation: ["invalid payload", "Submit a new job with a valid payload."],
  worker_lost: ["worker lost too often", "Check the System view, then retry."],
};

/** @param {{job: import("../lib/types.js").Job}} props */
export function ErrorPanel({ job }) {
  const { code = "", message = job.error ?? "", retryable } = job.error_detail ?? {};
  const [title = "", remedy = defaultRemedy(retryable)] = ERRORS[code] ?? [];
  return html`<div class="error-panel" role="alert">
    <h2>${title ? `Failed: ${title}` : "Failed"}${code && html` <code>${code}</code>`}</h2>
    <p>${message}</p>
    ${remedy && html`<p class="remedy">${remedy}</p>`}
  </div>`;
}

/** @param {boolean|undefined} retryable */
function defaultRemedy(retryable) {
  if (retryable === undefined) return "";
  return retryable
    ? "A retry may help. Finished steps are reused."
    : "The same request will fail again.";
}
