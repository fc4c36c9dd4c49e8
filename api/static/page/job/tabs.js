// The tabs of a job.
import { html } from "../lib/html.js";
import { go } from "../lib/router.js";
import { hasEnded } from "../jobs/row-updates.js";
import { Answer, isAnswer } from "../prompt/answer.js";
import { CallsTab } from "./calls-tab.js";
import { JsonTab } from "./json-tab.js";
import { LiveOutput } from "./live-output.js";
import { PartialOutput } from "./partial-output.js";
import { RequestTab } from "./request-tab.js";
import { Result } from "./result.js";
import { Timeline } from "./timeline.js";

/** @typedef {import("../lib/types.js").Job} Job */

const TABS = [
  ["", "Result"],
  ["timeline", "Timeline"],
  ["calls", "Calls and cost"],
  ["request", "Request"],
  ["json", "JSON"],
];
const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

const elementId = (/** @type {string} */ name) => `tab-${name || "result"}`;
const open = (/** @type {string} */ name) => go({ tab: name }, { replace: true });

/** @param {{tab: string, running: boolean}} props */
export function Tabs({ tab, running }) {
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const step = STEPS[event.key];
    if (!step) return;
    const index = TABS.findIndex(([name]) => name === tab);
    const [next] = TABS[(index + step + TABS.length) % TABS.length];
    open(next);
    document.getElementById(elementId(next))?.focus();
  };
  return html`<div class="tabs" role="tablist" aria-label="About this job" onKeyDown=${onKeyDown}>
    ${TABS.map(
      ([name, label]) =>
        html`<button
          key=${name}
          role="tab"
          id=${elementId(name)}
          aria-controls="tabpanel"
          aria-selected=${String(tab === name)}
          tabindex=${tab === name ? 0 : -1}
          onClick=${() => open(name)}
        >
          ${name === "" && running ? "Live" : label}
        </button>`,
    )}
  </div>`;
}

/**
 * @param {{tab: string, job: Job, partial: import("../lib/types.js").PartialOutput}} props
 */
export function TabContent({ tab, job, partial }) {
  return html`<div
    class="tab"
    role="tabpanel"
    id="tabpanel"
    aria-labelledby=${elementId(tab)}
    tabindex="0"
  >
    ${contentOf(tab, job, partial)}
  </div>`;
}

/**
 * @param {string} tab
 * @param {Job} job
 * @param {import("../lib/types.js").PartialOutput} partial
 */
function contentOf(tab, job, partial) {
  if (tab === "timeline") return html`<${Timeline} key=${job.attempt} job=${job} />`;
  if (tab === "calls") return html`<${CallsTab} job=${job} />`;
  if (tab === "request") return html`<${RequestTab} job=${job} />`;
  if (tab === "json") return html`<${JsonTab} job=${job} />`;
  if (job.result !== null && job.result !== undefined)
    return isAnswer(job) ? html`<${Answer} job=${job} />` : html`<${Result} value=${job.result} />`;
  const output = hasEnded(job) ? PartialOutput : LiveOutput;
  return html`<${output} job=${job} partial=${partial} />`;
}
