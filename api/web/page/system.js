// How the server is, and what has happened lately.
import { html, useRepeated } from "./html.js";
import { checks, stats } from "./api.js";
import { Command } from "./command.js";
import { count, duration, words } from "./text.js";

const EVERY_MS = 5000;
const CURES = {
  workers: ["Jobs are accepted and wait. Start a worker:", "python -m worker"],
  lore_service: ["No model can be asked. Start it:", "python -m lore_service"],
  redis: ["Nothing can be accepted. Start Redis, or name it:", "REDIS_URL=redis://127.0.0.1:6379/0 python -m api"],
};

export function System() {
  const ready = useRepeated(checks, EVERY_MS);
  const lately = useRepeated(stats, EVERY_MS);
  return html`<section class="system" aria-label="System"><h1>System</h1>
    ${!ready ? html`<p class="soft">Asking…</p>` : html`<p class=${`note ${ready.status === "ready" ? "good" : "bad"}`} role="status">${ready.status === "ready" ? "A job that is sent now will be run." : "Something is not as it must be: see below. Jobs that are accepted wait until it is."}</p>
      <ul class="checks">${Object.entries(ready.checks).map(([name, check]) => html`<${Check} key=${name} name=${name} check=${check} />`)}</ul>`}
    ${lately && html`<${Stats} told=${lately} />`}
    <p class="soft">Everything this page does is a route: <a href="/docs">all of them, with a curl each</a>.</p>
  </section>`;
}

/** @param {{name: string, check: any}} given */
function Check({ name, check }) {
  const cure = !check.ok && CURES[name];
  return html`<li class=${check.ok ? "ok" : "bad"}><span class="mark" aria-hidden="true">${check.ok ? "✓" : "!"}</span>
    <div><b>${words(name)}</b><span class="unseen">${check.ok ? "is fine" : "is not fine"}</span><p>${check.detail}</p>
      ${cure && html`<p>${cure[0]}</p><${Command} text=${cure[1]} />`}</div></li>`;
}

/** @param {{told: any}} given */
function Stats({ told }) {
  const { counts, success_rate: rate, running_s: ran, waiting_s: waited, by_type: types, recovered } = told;
  const tiles = [
    ["Running", count(counts.processing)], ["Waiting", count(counts.pending)], ["Done", count(counts.completed)], ["Failed", count(counts.failed)],
    ["Success", rate === null ? "–" : `${(rate * 100).toFixed(rate === 1 ? 0 : 1)} %`], ["Median run", ran ? duration(ran.p50) : "–"],
    ["Median wait", waited ? duration(waited.p50) : "–"], ["Recovered", `${recovered.completed} of ${recovered.jobs}`],
  ];
  return html`<h2>The last 24 hours</h2>
    <dl class="tiles">${tiles.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
    ${Object.keys(types).length > 0 && html`<div class="scroll" tabindex="0" role="region" aria-label="By type"><table><thead><tr><th>Type</th><th class="num">Ended</th><th class="num">Done</th><th class="num">Median</th><th class="num">p90</th><th class="num">p99</th></tr></thead>
      <tbody>${Object.entries(types).map(([name, one]) => html`<tr key=${name}><td>${words(name)}</td><td class="num">${count(one.ended)}</td><td class="num">${count(one.completed)}</td>
        ${["p50", "p90", "p99"].map((q) => html`<td class="num" key=${q}>${one.running_s ? duration(one.running_s[q]) : "–"}</td>`)}</tr>`)}</tbody></table></div>`}`;
}
