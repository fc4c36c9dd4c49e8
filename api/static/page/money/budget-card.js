// One budget: how much of it is spent and reserved.
import { html } from "../lib/html.js";
import { money, words } from "../lib/text.js";

const WINDOWS = { day: "Daily", week: "Weekly", month: "Monthly" };

/** @param {{budget: import("../lib/types.js").Budget}} props */
export function BudgetCard({ budget }) {
  const { scope, id, window, limit, spent, reserved, currency, resets_at: resetsAt } = budget;
  const name = scope === "global" ? "All jobs" : `${words(scope)} ${id}`;
  const share = (/** @type {number} */ amount) =>
    `${Math.min(100, limit > 0 ? (amount / limit) * 100 : 0)}%`;
  const spentText = `${money(spent, currency)} of ${money(limit, currency)}`;
  return html`<li class="budget">
    <div class="line">
      <b>${name}</b><span class="soft">${WINDOWS[window] ?? words(window ?? "")}</span>
    </div>
    <div
      class="meter"
      role="meter"
      aria-label=${name}
      aria-valuemin="0"
      aria-valuemax=${limit}
      aria-valuenow=${spent}
      aria-valuetext=${spentText}
    >
      <span class="spent" style=${{ width: share(spent) }} />
      <span class="reserved" style=${{ width: share(reserved) }} />
    </div>
    <p class="line">
      <span>${spentText}</span>
      ${reserved > 0 && html`<span class="soft">${money(reserved, currency)} reserved</span>`}
      ${resetsAt && html`<span class="soft">Resets ${dateTime(resetsAt)}</span>`}
    </p>
  </li>`;
}

/** @param {string} time */
const dateTime = (time) =>
  new Date(time).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
