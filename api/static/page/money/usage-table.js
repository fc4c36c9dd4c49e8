// What jobs have cost, grouped.
import { html, usePolled } from "../lib/html.js";
import { usage } from "../lib/api.js";
import { count, money, words } from "../lib/text.js";

const POLL_INTERVAL_MS = 10_000;

/** @typedef {import("../lib/types.js").UsageRow} UsageRow */

/** @param {{by: string}} props */
export function UsageTable({ by }) {
  const reply = usePolled(() => usage(by), POLL_INTERVAL_MS);
  if (!reply) return html`<p class="soft">Loading…</p>`;
  const { rows, total, currency, since, pending } = reply;
  if (!rows.length) return html`<p class="soft">No spending yet.</p>`;
  const nameOf = (/** @type {UsageRow} */ { key }) =>
    key === null ? "–" : by === "type" ? words(key) : key;
  const from = new Date(since).toLocaleDateString([], { dateStyle: "medium" });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Usage">
      <table>
        <thead>
          <tr>
            <th>${words(by)}</th>
            <th class="num">Jobs</th>
            <th class="num">Calls</th>
            <th class="num">Input tokens</th>
            <th class="num">Output tokens</th>
            <th class="num">Cost</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row, i) =>
              html`<${Row} key=${i} name=${nameOf(row)} row=${row} currency=${currency} />`,
          )}
        </tbody>
        ${rows.length > 1 &&
        html`<tfoot>
          <${Row} name="All" row=${total} currency=${currency} />
        </tfoot>`}
      </table>
    </div>
    <p class="soft">
      Jobs finished since ${from}, including deleted
      jobs.${total.unpriced_jobs > 0 &&
      ` The cost is without ${count(total.unpriced_jobs)} jobs of unknown price.`}${pending !==
        null &&
      pending > 0 &&
      ` ${count(pending)} more being processed.`}
    </p>`;
}

/** @param {{name: string, row: UsageRow, currency: string}} props */
function Row({ name, row, currency }) {
  const { jobs, calls, tokens, cost, unknown_exposure: uncertain } = row;
  return html`<tr>
    <td>${name}</td>
    ${[jobs, calls, tokens.input, tokens.output].map(
      (number, i) => html`<td class="num" key=${i}>${count(number)}</td>`,
    )}
    <td class="num">${uncertain > 0 ? "up to " : ""}${money(cost, currency)}</td>
  </tr>`;
}
