// The other tabs of a job: calls, request, raw JSON, and what was left when it stopped.
import { html, useEffect, useState } from "./html.js";
import { calls, payload } from "./api.js";
import { Command, Copy } from "./command.js";
import { sofar } from "./lenient.js";
import { Result } from "./result.js";
import { Tree } from "./tree.js";
import { between, count, curl, duration, money, paid, words } from "./text.js";

const MOST_JSON = 200_000;

/** Asks once for each version of a job; undefined until it is there. @param {() => Promise<any>} question @param {any} version */
function useAnswer(question, version) {
  const [told, setTold] = useState(/** @type {any} */ (undefined));
  useEffect(() => {
    let over = false;
    question().then((answer) => over || setTold(answer), () => over || setTold(null));
    return () => void (over = true);
  }, [version]);
  return told;
}

/** What a job that has no result has made. @param {{job: any, partial: any}} given */
export function Made({ job, partial }) {
  const made = job.partial_result ?? partial;
  const text = made?.text ? sofar(made.text) ?? made.text : undefined;
  const items = Array.isArray(made?.items) && made.items.length ? made.items : undefined;
  const other = made && typeof made === "object" && !("text" in made) && Object.keys(made).length ? made : undefined;
  const shown = items ?? text ?? other;
  if (shown === undefined) return html`<div class="empty"><h2>Nothing was written</h2><p>It ended before there was anything to keep.</p></div>`;
  return html`<p class="note">This is what was written before it stopped.</p><${Result} value=${shown} type=${job.type} />`;
}

/** @param {{job: any}} given */
export function Calls({ job }) {
  const told = useAnswer(() => calls(job.id), `${job.status}${job.attempt}`);
  const rows = told?.calls ?? [];
  const { usage, cost } = job;
  const facts = [
    ["Calls", usage && count(usage.calls)], ["Kept answers", usage?.cache_hits ? count(usage.cache_hits) : null], ["Tokens read", usage && count(usage.input_tokens)],
    ["Tokens written", usage && count(usage.output_tokens)], ["Tokens cached", usage?.cached_tokens ? count(usage.cached_tokens) : null],
    ["Cost", cost && paid(cost)], ["Reserved", cost?.reserved ? money(cost.reserved, cost.currency) : null],
    ["Estimated", cost?.estimate === null || cost?.estimate === undefined ? null : money(cost.estimate, cost.currency)],
    ["At most", cost?.estimate_max ? money(cost.estimate_max, cost.currency) : null],
  ].filter(([, value]) => value !== null && value !== undefined && value !== "");
  return html`${facts.length ? html`<dl class="facts">${facts.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`
      : html`<p class="soft">No model call has been made.</p>`}
    ${rows.length > 0 && html`<div class="scroll" tabindex="0" role="region" aria-label="Calls"><table><thead><tr><th>Call</th><th>Model</th><th>Outcome</th><th class="num">In</th><th class="num">Out</th><th class="num">Took</th><th class="num">Cost</th></tr></thead>
      <tbody>${rows.map((row) => html`<${Call} key=${row.call_id} row=${row} />`)}</tbody></table></div>`}`;
}

/** @param {{row: any}} given */
function Call({ row }) {
  const { step, model, state, tokens, cached, cost, at_most: most, started_at: began, settled_at: ended } = row;
  return html`<tr><td>${words(step)}</td><td>${model}</td><td>${cached ? "kept answer" : state}</td>
    <td class="num">${tokens ? count(tokens.input) : "–"}</td><td class="num">${tokens ? count(tokens.output) : "–"}</td>
    <td class="num">${duration(between(began, ended))}</td><td class="num">${cost !== null ? money(cost) : most !== null ? `at most ${money(most)}` : "–"}</td></tr>`;
}

/** @param {{job: any}} given */
export function Request({ job }) {
  const told = useAnswer(() => payload(job.id), job.id);
  if (told === undefined) return html`<p class="soft">Asking…</p>`;
  const body = { type: job.type, payload: told ?? {}, ...(job.model ? { options: { model: job.model } } : {}) };
  return html`<${Tree} value=${told ?? {}} />
    ${job.tags?.length > 0 && html`<p class="soft">Tags: ${job.tags.join(", ")}</p>`}
    <h3 class="small-title">The same again</h3><${Command} text=${curl("POST", `${location.origin}/jobs`, body)} label="Copy as curl" />`;
}

/** @param {{job: any}} given */
export function Raw({ job }) {
  const text = JSON.stringify(job, null, 2);
  const url = `${location.origin}/jobs/${job.id}`;
  return html`<${Command} text=${curl("GET", url)} label="Copy as curl" />
    <div class="line raw"><h3 class="small-title">The job</h3><span class="grow" /><${Copy} label="Copy JSON" text=${text} /><a class="button small" href=${`/jobs/${job.id}`} download=${`${job.id}.json`}>Download</a></div>
    <pre class="json" tabindex="0">${text.length > MOST_JSON ? `${text.slice(0, MOST_JSON)}\n… ${count(text.length - MOST_JSON)} more characters: download it` : text}</pre>`;
}
