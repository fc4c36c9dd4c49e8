// Budgets and usage.
import { html, usePolled, useState } from "../lib/html.js";
import { address, budgets } from "../lib/api.js";
import { curl } from "../lib/text.js";
import { Command } from "../ui/copy.js";
import { BudgetCard } from "./budget-card.js";
import { UsageTable } from "./usage-table.js";

const POLL_INTERVAL_MS = 10_000;
const GROUPS = ["day", "type", "model", "user"];
const EXAMPLE = { limit: 10, window: "month" };

export function Spend() {
  const [group, setGroup] = useState("day");
  const reply = usePolled(budgets, POLL_INTERVAL_MS);
  return html`<section class="spend" aria-label="Spend">
    <h1>Spend</h1>
    ${reply &&
    (reply.budgets.length
      ? html`<ul class="budgets">
          ${reply.budgets.map((budget, i) => html`<${BudgetCard} key=${i} budget=${budget} />`)}
        </ul>`
      : html`<${NoBudgets} />`)}
    <div class="chips" role="group" aria-label="Usage by">
      ${GROUPS.map(
        (name) =>
          html`<button
            key=${name}
            class="chip"
            aria-pressed=${String(group === name)}
            onClick=${() => setGroup(name)}
          >
            By ${name}
          </button>`,
      )}
    </div>
    <${UsageTable} key=${group} by=${group} />
  </section>`;
}

function NoBudgets() {
  return html`<div class="empty">
    <h2>No budgets</h2>
    <p>Spending is not limited. A budget sets a limit that is checked before a job is accepted:</p>
    <${Command} text=${curl("PUT", address("/budgets/global/all"), EXAMPLE)} />
  </div>`;
}
