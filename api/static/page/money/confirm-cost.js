// Asks for confirmation of the cost of a job.
import { html } from "../lib/html.js";
import { changeText } from "../../client/text.js";
import { money } from "../lib/text.js";
import { confirm } from "../ui/confirm-dialog.js";

/** @typedef {import("../lib/types.js").Alternative} Alternative */

/**
 * @param {{cost: import("../lib/types.js").CostEstimate}} estimate
 * @param {Alternative[]} [alternatives]
 * @returns {Promise<boolean>}
 */
export function confirmCost({ cost: { expected, max, currency } }, alternatives = []) {
  const body = html`<p>
      This job is expected to cost <b>${money(expected, currency)}</b> and could cost up to${" "}
      <b>${money(max, currency)}</b>. Nothing has been charged yet.
    </p>
    ${alternatives.length > 0 && html`<${Cheaper} alternatives=${alternatives} />`}`;
  return confirm({ title: "Confirm cost", body, accept: `Spend up to ${money(max, currency)}` });
}

/** @param {{alternatives: Alternative[]}} props */
function Cheaper({ alternatives }) {
  return html`<p>Cheaper:</p>
    <ul>
      ${alternatives.map(({ change, cost: { max, currency } }) => {
        const price = max === 0 ? "free" : `up to ${money(max, currency)}`;
        return html`<li key=${JSON.stringify(change)}>${changeText(change)} · ${price}</li>`;
      })}
    </ul>`;
}
