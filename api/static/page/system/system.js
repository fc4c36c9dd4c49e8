// The state of the system: checks of all processes, and statistics of the last 24 hours.
import { html, usePolled } from "../lib/html.js";
import { checks, stats } from "../lib/api.js";
import { words } from "../lib/text.js";
import { Command } from "../ui/copy.js";
import { may } from "../login/session.js";
import { Queue } from "./queue.js";
import { Statistics } from "./statistics.js";

const POLL_INTERVAL_MS = 5000;
const REMEDIES = {
  workers: ["Jobs are accepted but wait. Start a worker:", "python -m worker"],
  lore_service: ["No model can be called. Start the service:", "python -m lore_service"],
  redis: [
    "No job can be accepted. Start Redis, or set its address:",
    "REDIS_URL=redis://127.0.0.1:6379/0 python -m api",
  ],
};

export function System() {
  const state = usePolled(checks, POLL_INTERVAL_MS);
  const statistics = usePolled(stats, POLL_INTERVAL_MS);
  return html`<section class="system" aria-label="System">
    <h1>System</h1>
    ${state ? html`<${Checks} ...${state} />` : html`<p class="soft">Loading…</p>`}
    ${may("queue") && html`<${Queue} />`}
    ${statistics && html`<${Statistics} statistics=${statistics} />`}
    <p class="soft"><a href="docs">API reference, with curl examples</a></p>
  </section>`;
}

/** @param {import("../lib/types.js").SystemState} props */
function Checks({ status, checks }) {
  const ok = status === "ok";
  return html`<p class=${`note ${ok ? "good" : "bad"}`} role="status">
      ${ok ? "All systems operational" : "Degraded: see below. New jobs will wait."}
    </p>
    <ul class="checks">
      ${Object.entries(checks).map(
        ([name, check]) => html`<${CheckRow} key=${name} name=${name} check=${check} />`,
      )}
    </ul>`;
}

/** @param {{name: string, check: import("../lib/types.js").Check}} props */
function CheckRow({ name, check: { ok, detail } }) {
  const [remedy, command] = (!ok && REMEDIES[name]) || [];
  return html`<li class=${ok ? "ok" : "bad"}>
    <span class="mark" aria-hidden="true">${ok ? "✓" : "!"}</span>
    <div>
      <b>${words(name)}</b><span class="unseen">: ${ok ? "OK" : "failing"}</span>
      <p>${detail}</p>
      ${remedy &&
      html`<p>${remedy}</p>
        <${Command} text=${command} />`}
    </div>
  </li>`;
}
