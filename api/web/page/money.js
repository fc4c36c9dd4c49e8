// Budgets, and what was spent.
import { html, useRepeated, useState } from "./html.js";
import { budgets, usage } from "./api.js";
import { Command } from "./command.js";
import { count, curl, money, words } from "./text.js";

const EVERY_MS = 10_000;
const GROUPS = ["day", "type", "model", "user"];
const SOME = '{"limit": 10, "window": "month"}';

export function Spend() {
  const [by, setBy] = useState("day");
  const told = useRepeated(budgets, EVERY_MS);
  const all = told?.budgets ?? [];
  return html`<section class="spend" aria-label="Spend"><h1>Spend</h1>
    ${all.length ? html`<ul class="budgets">${all.map((one, i) => html`<${Budget} key=${i} one=${one} />`)}</ul>`
      : told && html`<div class="empty"><h2>No budget is set</h2><p>Jobs may spend what they need. A budget holds them to a limit, before anything is bought:</p><${Command} text=${curl("PUT", `${location.origin}/budgets/global/all`, JSON.parse(SOME))} /></div>`}
    <div class="chips" role="group" aria-label="Usage by">${GROUPS.map((name) => html`<button key=${name} class="chip" aria-pressed=${String(by === name)} onClick=${() => setBy(name)}>By ${name}</button>`)}</div>
    <${Usage} key=${by} by=${by} /></section>`;
}

/** @param {{one: any}} given */
function Budget({ one }) {
  const limit = Number(one.limit);
  const part = (/** @type {any} */ amount) => `${Math.min(100, limit > 0 ? (Number(amount ?? 0) / limit) * 100 : 0)}%`;
  const name = one.scope === "global" ? "All jobs" : `${words(one.scope)} ${one.id}`;
  return html`<li class="budget"><div class="line"><b>${name}</b><span class="soft">${one.window ? `each ${one.window}` : ""}</span></div>
    <div class="meter" role="meter" aria-label=${name} aria-valuemin="0" aria-valuemax=${limit} aria-valuenow=${Number(one.spent ?? 0)} aria-valuetext=${`${money(one.spent, one.currency)} of ${money(limit, one.currency)}`}>
      <span class="spent" style=${{ width: part(one.spent) }} /><span class="reserved" style=${{ width: part(one.reserved) }} /></div>
    <p class="line"><span>${money(one.spent, one.currency)} of ${money(limit, one.currency)}</span>${Number(one.reserved) > 0 && html`<span class="soft">${money(one.reserved, one.currency)} reserved</span>`}
      ${one.resets_at && html`<span class="soft">begins anew ${new Date(one.resets_at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" })}</span>`}</p></li>`;
}

/** @param {{by: string}} given */
function Usage({ by }) {
  const told = useRepeated(() => usage(by), EVERY_MS);
  const rows = told?.rows ?? [];
  if (told === undefined) return html`<p class="soft">Asking…</p>`;
  if (!rows.length) return html`<p class="soft">Nothing was spent.</p>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Usage"><table><thead><tr><th>${words(by)}</th><th class="num">Jobs</th><th class="num">Calls</th><th class="num">Tokens in</th><th class="num">Tokens out</th><th class="num">Cost</th></tr></thead>
    <tbody>${rows.map((row, i) => html`<${Line} key=${i} name=${by === "type" ? words(row.key ?? "–") : row.key ?? "–"} row=${row} currency=${told.currency} />`)}</tbody>
    ${told.total && rows.length > 1 && html`<tfoot><${Line} name="All" row=${told.total} currency=${told.currency} /></tfoot>`}</table></div>
    <p class="soft">Jobs that ended since ${new Date(told.since).toLocaleDateString()}, deleted ones too.${told.pending > 0 && ` ${count(told.pending)} more are being noted.`}</p>`;
}

/** @param {{name: string, row: any, currency: string}} given */
function Line({ name, row, currency }) {
  const { jobs, calls, tokens, cost, unknown_exposure: exposed } = row;
  return html`<tr><td>${name}</td>${[jobs, calls, tokens?.input, tokens?.output].map((number, i) => html`<td class="num" key=${i}>${count(number)}</td>`)}
    <td class="num">${exposed > 0 ? "at most " : ""}${money(cost, currency)}</td></tr>`;
}
