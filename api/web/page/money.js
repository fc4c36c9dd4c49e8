// Budgets, and what was spent; there only where the server keeps them.
import { html, useEffect, useRepeated, useState, useStore } from "./html.js";
import { budgets, usage } from "./api.js";
import { store } from "./store.js";
import { count, money, words } from "./text.js";

const EVERY_MS = 10_000;
const GROUPS = ["day", "type", "model", "user"];

/** @type {ReturnType<typeof store<{there: boolean}>>} */
const spend = store({ there: false });

/** Whether this server has anything to say about money. */
export function useSpend() {
  const { there } = useStore(spend);
  useEffect(() => {
    Promise.all([budgets().catch(() => null), usage("day").catch(() => null)]).then((told) => spend.set({ there: told.some(Boolean) }));
  }, []);
  return there;
}

export function Spend() {
  const [by, setBy] = useState("day");
  const told = useRepeated(budgets, EVERY_MS);
  const all = Array.isArray(told) ? told : told?.budgets ?? [];
  return html`<section class="spend" aria-label="Spend"><h1>Spend</h1>
    ${all.length ? html`<ul class="budgets">${all.map((one, i) => html`<${Budget} key=${i} one=${one} />`)}</ul>`
      : told && html`<div class="empty"><h2>No budget is set</h2><p>Each job has its own cap all the same. A budget is set with <code>PUT /budgets/global/all</code>.</p></div>`}
    <div class="chips" role="group" aria-label="Usage by">${GROUPS.map((name) => html`<button key=${name} class="chip" aria-pressed=${String(by === name)} onClick=${() => setBy(name)}>By ${name}</button>`)}</div>
    <${Usage} key=${by} by=${by} /></section>`;
}

/** @param {{one: any}} given */
function Budget({ one }) {
  const limit = Number(one.limit);
  const part = (/** @type {any} */ amount) => `${Math.min(100, limit > 0 ? (Number(amount ?? 0) / limit) * 100 : 0)}%`;
  const name = [words(one.scope ?? "budget"), one.id ?? one.name].filter(Boolean).join(" · ");
  return html`<li class="budget"><div class="line"><b>${name}</b><span class="soft">${one.window ? `each ${one.window}` : ""}</span></div>
    <div class="meter" role="meter" aria-label=${name} aria-valuemin="0" aria-valuemax=${limit} aria-valuenow=${Number(one.spent ?? 0)} aria-valuetext=${`${money(one.spent, one.currency)} of ${money(limit, one.currency)}`}>
      <span class="spent" style=${{ width: part(one.spent) }} /><span class="reserved" style=${{ width: part(one.reserved) }} /></div>
    <p class="line"><span>${money(one.spent, one.currency)} of ${money(limit, one.currency)}</span>${Number(one.reserved) > 0 && html`<span class="soft">${money(one.reserved, one.currency)} reserved</span>`}
      ${one.resets_at && html`<span class="soft">anew ${new Date(one.resets_at).toLocaleString()}</span>`}</p></li>`;
}

/** @param {{by: string}} given */
function Usage({ by }) {
  const told = useRepeated(() => usage(by), EVERY_MS);
  const rows = Array.isArray(told) ? told : told?.rows ?? told?.usage ?? [];
  if (told === undefined) return html`<p class="soft">Asking…</p>`;
  if (!rows.length) return html`<p class="soft">Nothing was spent.</p>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Usage"><table><thead><tr><th>${words(by)}</th><th class="num">Calls</th><th class="num">Tokens in</th><th class="num">Tokens out</th><th class="num">Cost</th></tr></thead>
    <tbody>${rows.map((row, i) => html`<tr key=${i}><td>${row[by] ?? row.group ?? row.key ?? "–"}</td><td class="num">${count(row.calls)}</td>
      <td class="num">${count(row.input_tokens ?? row.tokens?.input)}</td><td class="num">${count(row.output_tokens ?? row.tokens?.output)}</td><td class="num">${money(row.cost?.actual ?? row.cost, row.currency)}</td></tr>`)}</tbody></table></div>`;
}
