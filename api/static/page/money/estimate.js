// The estimated cost of a new job, shown while its form is filled in.
import { html, useEffect, useState } from "../lib/html.js";
import { estimate } from "../lib/api.js";
import { count, duration } from "../lib/text.js";
import { changeText } from "../../client/text.js";
import { priceText } from "./price-text.js";

const DELAY_MS = 500;

/** @typedef {import("../lib/types.js").EstimateReply} EstimateReply */
/** @typedef {import("../lib/types.js").NewJob} NewJob */
/** @typedef {import("../lib/types.js").Alternative} Alternative */

/**
 * The server's estimate for a request, loaded shortly after its last change. `current`: whether
 * it is for the request as it is now.
 * @param {NewJob|null} body
 * @returns {{reply: EstimateReply|null, current: boolean}}
 */
export function useEstimate(body) {
  const request = JSON.stringify(body);
  const [latest, setLatest] = useState({
    request: "",
    reply: /** @type {EstimateReply|null} */ (null),
  });
  useEffect(() => {
    let replaced = false;
    const load = async () => {
      const reply = body && (await estimate(body).catch(() => null));
      if (!replaced) setLatest({ request, reply });
    };
    const timer = setTimeout(load, DELAY_MS);
    return () => ((replaced = true), clearTimeout(timer));
  }, [request]);
  return { reply: latest.reply, current: latest.request === request };
}

/**
 * Where the form shows "Free", the request may only use the cached result.
 * @param {NewJob} body
 * @param {{reply: EstimateReply|null, current: boolean}} estimate
 */
export const withCacheOnly = (body, { reply, current }) =>
  current && reply?.cached && body.options?.cache === "use"
    ? { ...body, options: { ...body.options, cache: /** @type {const} */ ("only") } }
    : body;

/**
 * @param {{reply: EstimateReply|null, cache: string, regenerate: () => void,
 *   take: (change: Alternative["change"]) => void}} props
 * `cache`: the form's option. `regenerate`: sets it to "skip". `take`: applies an alternative.
 */
export function Estimate({ reply, cache, regenerate, take }) {
  if (!reply) return null;
  const reuse = () => take({ options: { cache: "only" } });
  if (reply.cached && cache !== "skip")
    return html`<div class="estimate" aria-live="polite">
      <b>Free: cached result from an identical job</b>
      <button type="button" class="small" onClick=${regenerate}>Generate again</button>
    </div>`;
  return html`<div class="estimate" aria-live="polite">
    ${cache === "only"
      ? html`<span class="wrong">No cached result: this job would fail.</span>
          <button type="button" class="small" onClick=${regenerate}>Generate it</button>`
      : html`<${Figures} ...${reply.estimate} />`}
    ${reply.cached &&
    html`<button type="button" class="small" onClick=${reuse}>
      Use the cached result of an identical job (free)
    </button>`}
    ${reply.violations.map(
      ({ code, detail }) => html`<span class="wrong" key=${code}>${detail}</span>`,
    )}
    ${reply.requires_confirmation && html`<span>You will be asked to confirm the price.</span>`}
    <${Alternatives} alternatives=${reply.alternatives} take=${take} />
  </div>`;
}

/** @param {EstimateReply["estimate"]} props */
function Figures({ cost, tokens, duration_s: seconds }) {
  return html`<b>${priceText(cost)}</b>
    <span>about ${count(tokens.output_expected)} output tokens</span>
    <span>${duration(seconds.p50)} to ${duration(seconds.p90)}</span>`;
}

/**
 * Requests within the limits, each a button.
 * @param {{alternatives: Alternative[], take: (change: Alternative["change"]) => void}} props
 */
function Alternatives({ alternatives, take }) {
  if (!alternatives.length) return null;
  return html`<div class="alternatives" role="group" aria-label="Fits within the limit">
    <span>Fits within the limit:</span>
    ${alternatives.map(
      ({ change, cost }) =>
        html`<button
          type="button"
          class="small"
          key=${JSON.stringify(change)}
          title=${priceText(cost)}
          onClick=${() => take(change)}
        >
          ${changeText(change)}
        </button>`,
    )}
  </div>`;
}
