// The output of a job that stopped before it had a result.
import { html } from "../lib/html.js";
import { AnswerSoFar, isAnswer } from "../prompt/answer.js";
import { parsePartial } from "./partial-json.js";
import { Result } from "./result.js";

/**
 * @param {{job: import("../lib/types.js").Job,
 *   partial: import("../lib/types.js").PartialOutput}} props
 */
export function PartialOutput({ job, partial }) {
  const output = /** @type {any} */ (job.partial_result ?? partial);
  const value = isAnswer(job) ? output.text || undefined : outputOf(output);
  if (value === undefined)
    return html`<div class="empty">
      <h2>No output</h2>
      <p>The job ended before any output was generated.</p>
    </div>`;
  return html`<p class="note">Partial output, up to the point where the job stopped.</p>
    ${isAnswer(job) ? html`<${AnswerSoFar} text=${value} />` : html`<${Result} value=${value} />`}`;
}

/** Items where there are any, else text, else the partial result itself. @param {any} partial */
function outputOf(partial) {
  if (typeof partial !== "object" || partial === null) return undefined;
  const { text, items } = partial;
  if (Array.isArray(items) && items.length) return items;
  if (text) return parsePartial(text) ?? text;
  return !("text" in partial) && Object.keys(partial).length ? partial : undefined;
}
