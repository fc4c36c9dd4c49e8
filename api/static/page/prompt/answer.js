// The answer to a prompt: text as the model wrote it, JSON, or the functions it wants called.
import { html } from "../lib/html.js";
import { count } from "../lib/text.js";
import { CopyButton } from "../ui/copy.js";

/** @typedef {import("../lib/types.js").Job} Job */
/**
 * @typedef {{text: string|null, output: unknown, finish_reason: string,
 *   tool_calls: {id: string, name: string, arguments: string}[]}} PromptAnswer
 */

/** Types whose output is the answer of a model, not lore. */
const TYPES = ["prompt", "chat_completion", "response"];

/** @param {Job} job */
export const isAnswer = ({ type }) => TYPES.includes(type);

/** The result of a prompt, or in that form that of a request by OpenAI's HTTP. */
/** @param {any} result @returns {PromptAnswer} */
const answerOf = (result) =>
  "output" in result
    ? result
    : { ...result, text: result.content ?? result.refusal ?? "", output: null };

/** @param {{job: Job}} props */
export function Answer({ job }) {
  const { text, output, finish_reason, tool_calls: calls } = answerOf(job.result);
  const json = text === null && !calls.length ? JSON.stringify(output, null, 2) : null;
  return html`${finish_reason === "length" && html`<${Cut} tokens=${job.usage?.output_tokens} />`}
  ${json !== null && html`<${Block} text=${json} kind="json" copy="Copy JSON" />`}
  ${text && html`<${Block} text=${text} kind="answer" copy="Copy text" />`}
  ${calls.map(
    (call) =>
      html`<section key=${call.id}>
        <h3 class="small-title">Calls ${call.name}</h3>
        <${Block} text=${indented(call.arguments)} kind="json" copy="Copy arguments" />
      </section>`,
  )}
  ${!text && json === null && !calls.length && html`<p class="soft">The answer is empty.</p>`}`;
}

/** The text of a prompt that runs, or that ended without a result. @param {{text: string}} props */
export const AnswerSoFar = ({ text }) => html`<div class="answer">${text}</div>`;

/** @param {{tokens: number|undefined}} props */
function Cut({ tokens }) {
  const length = tokens ? `at ${count(tokens)} tokens` : "at the maximum length";
  return html`<p class="note">Cut ${length}. Allow more with Max output tokens.</p>`;
}

/** @param {{text: string, kind: string, copy: string}} props */
function Block({ text, kind, copy }) {
  return html`<div class="block">
    <${CopyButton} text=${text} label=${copy} />
    ${kind === "json"
      ? html`<pre class="json" tabindex="0">${text}</pre>`
      : html`<div class="answer">${text}</div>`}
  </div>`;
}

/** @param {string} text */
function indented(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
