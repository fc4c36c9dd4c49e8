// The output of a job while it is generated.
import { html } from "../lib/html.js";
import { AnswerSoFar, isAnswer } from "../prompt/answer.js";
import { parsePartial } from "./partial-json.js";
import { Result } from "./result.js";

/**
 * @param {{job: import("../lib/types.js").Job,
 *   partial: import("../lib/types.js").PartialOutput}} props
 */
export function LiveOutput({ job, partial }) {
  const isText = isAnswer(job);
  const parsed = partial.text && !isText ? parsePartial(partial.text) : undefined;
  const items = partial.items.length ? partial.items.filter(Boolean) : undefined;
  const value = parsed ?? items;
  if (value === undefined && !partial.text) {
    const pending = job.status === "pending";
    return html`<div class="live waiting" aria-busy="true">
      <p class="soft">
        ${pending ? "Not started yet. Output will appear here." : "Waiting for the first output."}
      </p>
    </div>`;
  }
  return html`<div class="live" aria-busy="true">
    ${isText
      ? html`<${AnswerSoFar} text=${partial.text} />`
      : value === undefined
        ? html`<pre>${partial.text}</pre>`
        : html`<${Result} value=${value} />`}
    <p class="soft writing">Generating<span class="dots" aria-hidden="true" /></p>
  </div>`;
}
