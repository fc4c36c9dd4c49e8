// The steps of a job with several, with the current one marked.
import { html } from "../lib/html.js";
import { words } from "../lib/text.js";

/** @typedef {import("../lib/types.js").Step} Step */

/**
 * The index of the current step, or -1. The job's message changes before its progress detail does.
 * @param {Step[]} steps
 * @param {import("../lib/types.js").Job} job
 * @param {import("../lib/types.js").ProgressDetail|null} detail
 */
export const stepIndex = (steps, job, detail) =>
  steps.findIndex(({ name, message }) =>
    message ? job.message.startsWith(message.replace(/\.+$/, "")) : name === detail?.step,
  );

/** @param {{steps: Step[], current: number}} props */
export function Steps({ steps, current }) {
  const classOf = (/** @type {number} */ i) =>
    current < 0 || i > current ? "later" : i < current ? "over" : "now";
  return html`<ol class="steps" aria-label="Steps">
    ${steps.map(
      ({ name }, i) =>
        html`<li key=${name} class=${classOf(i)} aria-current=${i === current ? "step" : null}>
          ${words(name)}${i < current && html`<span class="unseen">, finished</span>`}
        </li>`,
    )}
  </ol>`;
}
