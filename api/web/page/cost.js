// What a job would cost: told while the form is filled in, and agreed to when it is much.
import { html, useEffect, useState } from "./html.js";
import { estimate } from "./api.js";
import { ask } from "./ask.js";
import { count, duration, money, words } from "./text.js";

const PAUSE_MS = 500;

/** @typedef {{expected: number|null, max: number|null, currency: string}} Cost */
/** @typedef {{change: {payload?: Record<string, any>, options?: Record<string, any>}, cost: Cost}} Alternative */

/** "About $0.21, at most $0.50". @param {Cost} cost */
export function price({ expected, max, currency }) {
  if (max === null) return "Nobody knows the price of this model";
  return max === 0 ? "Free" : `About ${money(expected, currency)}, at most ${money(max, currency)}`;
}

/** What the server says that a request would cost, or null; asked a moment after the last change. @param {any} body */
export function useEstimate(body) {
  const [told, setTold] = useState({ wanted: "", answer: /** @type {any} */ (null) });
  const wanted = JSON.stringify(body);
  useEffect(() => {
    let over = false;
    const look = async () => {
      const answer = body && (await estimate(body).catch(() => null));
      if (!over) setTold({ wanted, answer });
    };
    const timer = setTimeout(look, PAUSE_MS);
    return () => ((over = true), clearTimeout(timer));
  }, [wanted]);
  return { told: told.answer, sure: told.wanted === wanted };
}

/** What is sent: where the form has said "free", nothing else will do. @param {any} body @param {{told: any, sure: boolean}} estimate */
export const asTold = (body, { told, sure }) => (sure && told?.kept && !body.options?.cache ? { ...body, options: { ...body.options, cache: "only" } } : body);

/** @param {{told: any, how: string, anew: () => void, take: (change: any) => void}} given `how`: options.cache. `anew`: generate it although its answer is kept. `take`: an alternative. */
export function Estimate({ told, how, anew, take }) {
  if (!told) return null;
  const { cost, tokens, duration_s: seconds } = told.estimate;
  const kept = told.kept && how !== "skip";
  return html`<div class="estimate" aria-live="polite">
    ${kept ? html`<b>Free: an identical job was answered before.</b><button type="button" class="small" onClick=${anew}>Generate it anew</button>`
      : how === "only" ? html`<span class="wrong">No answer to this is kept: it would fail.</span><button type="button" class="small" onClick=${anew}>Generate it</button>`
      : html`<b>${price(cost)}</b><span>${count(tokens.output_expected)} tokens written</span><span>${duration(seconds.p50)} to ${duration(seconds.p90)}</span>`}
    ${!kept && told.violations.map((one) => html`<span class="wrong" key=${one.code}>${one.detail}</span>`)}
    ${!kept && told.needs_confirmation && html`<span>You are asked before it is bought.</span>`}
    ${!kept && html`<${Instead} alternatives=${told.alternatives} take=${take} />`}
  </div>`;
}

/** What would fit in its place, each to be taken with a click. @param {{alternatives: Alternative[], take: (change: any) => void}} given */
function Instead({ alternatives, take }) {
  if (!alternatives.length) return null;
  return html`<div class="instead" role="group" aria-label="What would fit"><span>What would fit:</span>
    ${alternatives.map(({ change, cost }) => html`<button type="button" class="small" key=${JSON.stringify(change)} title=${price(cost)} onClick=${() => take(change)}>${changed(change)}</button>`)}</div>`;
}

/** A change of a request in words: "Count 4", "Model gpt-5-nano". @param {Alternative["change"]} change */
export function changed({ payload = {}, options = {} }) {
  const { cache, ...others } = options;
  const named = Object.entries({ ...payload, ...others }).map(([name, value]) => `${words(name)} ${value}`);
  return [...(cache === "only" ? ["The answer of an identical job"] : []), ...named].join(", ");
}

/** Asks whether a price is all right. @param {{cost: Cost}} told @param {Alternative[]} [alternatives] @returns {Promise<boolean>} */
export function agreed({ cost: { expected, max, currency } }, alternatives = []) {
  const body = html`<p>It is expected to cost <b>${money(expected, currency)}</b>, and at most <b>${money(max, currency)}</b>. Nothing has been bought yet.</p>
    ${alternatives.length > 0 && html`<p>Cheaper:</p><ul>${alternatives.map(({ change, cost }) => html`<li key=${JSON.stringify(change)}>${changed(change)} · ${cost.max === 0 ? "free" : `at most ${money(cost.max, cost.currency)}`}</li>`)}</ul>`}`;
  return ask({ title: "Is this price all right?", body, yes: `Spend up to ${money(max, currency)}`, no: "Do not send it" });
}
