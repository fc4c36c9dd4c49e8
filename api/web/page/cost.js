// What a job would cost: told while the form is filled in, and agreed to when it is much.
import { html, useEffect, useState } from "./html.js";
import { estimate } from "./api.js";
import { ask } from "./ask.js";
import { count, duration, money } from "./text.js";

const PAUSE_MS = 500;

/** An estimate as the page shows it, from any of the shapes it travels in. @param {any} told */
export function priced(told) {
  const one = told?.estimate ?? told ?? {};
  const cost = typeof one.cost === "object" && one.cost !== null ? one.cost : { expected: one.expected ?? one.cost, max: one.max ?? one.cost };
  return { expected: cost.expected ?? null, max: cost.max ?? null, currency: cost.currency ?? "USD",
    tokens: one.tokens ?? null, seconds: one.duration_s ?? null };
}

/** @param {{body: any}} given */
export function Estimate({ body }) {
  const [told, setTold] = useState(/** @type {any} */ (null));
  const wanted = JSON.stringify(body);
  useEffect(() => {
    let over = false;
    const look = async () => {
      const answer = body && (await estimate(body).catch(() => null));
      if (!over) setTold(answer);
    };
    const timer = setTimeout(look, PAUSE_MS);
    return () => ((over = true), clearTimeout(timer));
  }, [wanted]);
  if (!told) return null;
  const { expected, max, currency, tokens, seconds } = priced(told);
  const free = Number(max) === 0 && max !== null;
  return html`<div class="estimate" aria-live="polite">
    <b>${free ? "Free" : `About ${money(expected, currency)}`}</b>
    ${!free && html`<span>at most ${money(max, currency)}</span>`}
    ${tokens && html`<span>${count(tokens.output_expected ?? tokens.output)} tokens written</span>`}
    ${seconds && html`<span>${duration(seconds.p50)} to ${duration(seconds.p90)}</span>`}
    ${(told.violations ?? []).map((one, i) => html`<span class="wrong" key=${i}>${one.detail ?? one.message ?? String(one.code ?? one)}</span>`)}
    ${told.needs_confirmation && html`<span>You are asked before it is bought.</span>`}
  </div>`;
}

/** Asks whether a price is all right. @param {any} told @param {any[]} alternatives @returns {Promise<boolean>} */
export function agreed(told, alternatives = []) {
  const { expected, max, currency } = priced(told);
  const body = html`<p>It is expected to cost <b>${money(expected, currency)}</b>, and at most <b>${money(max, currency)}</b>. Nothing has been bought yet.</p>
    ${alternatives.length > 0 && html`<p>Cheaper:</p><ul>${alternatives.map((one, i) => html`<li key=${i}>${one.change ?? String(one)}${one.cost !== undefined && ` · ${money(one.cost?.max ?? one.cost, currency)}`}</li>`)}</ul>`}`;
  return ask({ title: "Is this price all right?", body, yes: `Spend up to ${money(max, currency)}`, no: "Do not send it" });
}
