// The model calls of a job, and what they cost.
import { html } from "../lib/html.js";
import { calls } from "../lib/api.js";
import { between, count, duration, finalCost, money, words } from "../lib/text.js";
import { Facts } from "./facts.js";
import { useLoaded } from "./use-loaded.js";

/** @typedef {import("../lib/types.js").Job} Job */
/** @typedef {import("../lib/types.js").LedgerCall} LedgerCall */

/** @param {{job: Job}} props */
export function CallsTab({ job }) {
  const reply = useLoaded(() => calls(job.id), `${job.status}${job.attempt}`);
  const rows = reply?.calls ?? [];
  const facts = factsOf(job);
  return html`${facts.length
    ? html`<${Facts} facts=${facts} />`
    : html`<p class="soft">No model call yet.</p>`}
  ${rows.length > 0 &&
  html`<div class="scroll" tabindex="0" role="region" aria-label="Calls">
    <table>
      <thead>
        <tr>
          <th>Call</th>
          <th>Model</th>
          <th>Outcome</th>
          <th class="num">Input</th>
          <th class="num">Output</th>
          <th class="num">Took</th>
          <th class="num">Cost</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map((call) => html`<${CallRow} key=${call.call_id} call=${call} />`)}
      </tbody>
    </table>
  </div>`}`;
}

/** @param {Job} job @returns {[string, string|null|undefined|false][]} */
function factsOf(job) {
  const { cost } = job;
  const usage = /** @type {any} */ (job.usage);
  const amount = (/** @type {number|null|undefined} */ value) =>
    value === null || value === undefined ? null : money(value, cost.currency);
  /** @type {[string, string|null|undefined|false][]} */
  const facts = [
    ["Calls", usage && count(usage.calls)],
    ["Cached results", usage?.cache_hits && count(usage.cache_hits)],
    ["Input tokens", usage && count(usage.input_tokens)],
    ["Output tokens", usage && count(usage.output_tokens)],
    ["Cached tokens", usage?.cached_tokens && count(usage.cached_tokens)],
    ["Cost", cost && finalCost(cost)],
    ["Reserved", cost?.reserved ? amount(cost.reserved) : null],
    ["Estimated", amount(cost?.estimate)],
    ["Max cost", cost?.estimate_max ? amount(cost.estimate_max) : null],
  ];
  return facts.filter(([, value]) => value);
}

/** @param {{call: LedgerCall}} props */
function CallRow({ call }) {
  const { step, model, tokens, cost, upper_bound: maximum } = call;
  return html`<tr>
    <td>${stepName(step)}</td>
    <td>${model}</td>
    <td>${outcome(call)}</td>
    <td class="num">${tokens ? count(tokens.input) : "–"}</td>
    <td class="num">${tokens ? count(tokens.output) : "–"}</td>
    <td class="num">${duration(between(call.started_at, call.settled_at))}</td>
    <td class="num">
      ${cost !== null ? money(cost) : maximum !== null ? `up to ${money(maximum)}` : "–"}
    </td>
  </tr>`;
}

/** "generate~repair" → "Generate (repair)". @param {string} step */
function stepName(step) {
  const [name, detail] = step.split("~");
  return detail ? `${words(name)} (${detail})` : words(name);
}

/** @param {LedgerCall} call */
function outcome({ cached, repaired, state }) {
  if (cached) return "cached result";
  if (repaired) return `${state}, repaired for free`;
  return state === "intent" ? "running" : state;
}
