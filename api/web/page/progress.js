// How far a job is, and how sure that is.
import { html, useMemo, useNow, useRepeated } from "./html.js";
import { outlook } from "./api.js";
import { Bar, by } from "./bar.js";
import { ended } from "./rows.js";
import { ago, between, duration, left, paid, statusWord, words } from "./text.js";

/** How often it is asked how long it will take yet. */
const OUTLOOK_MS = 4000;
const REASONS = {
  queued: "The workers are busy", no_worker: "No worker is running: start one with `python -m worker`, or everything with `loresmith up`",
  next_try: "It is tried again soon", recovering: "Its worker is gone; another one takes it over",
};

/** @param {{job: any, type: any}} given */
export function Progress({ job, type }) {
  const over = ended(job);
  const now = useNow(1000, !over);
  return html`<div class="progress">
    ${over ? html`<${Ended} job=${job} now=${now} />` : html`<${Running} key=${job.attempt} job=${job} now=${now} type=${type} />`}
    <p class="unseen" role="status">${statusWord(job.status)}${over ? "" : `, ${job.message}`}</p>
  </div>`;
}

/** @param {{job: any, now: number, type: any}} given */
function Running({ job, now, type }) {
  const { progress_detail: detail, waiting } = useRepeated(() => outlook(job.id), OUTLOOK_MS) ?? job;
  const eta = detail?.eta_s;
  const looked = useMemo(() => Date.now(), [eta?.p50, eta?.p90]);
  const since = between(job.started_at ?? job.created_at, new Date(now).toISOString());
  const remaining = detail?.overdue ? "longer than usual" : left(eta, now - looked);
  return html`<div class="line"><span class="message">${job.message}</span><b class="percent">${job.progress} %</b></div>
    <${Bar} progress=${job.progress} source=${job.progress_source ?? "simulated"} label=${job.message} />
    <p class="soft line"><span>${by(job.progress_source)}${remaining ? ` · ${remaining}` : ""}</span><span>${duration(since === null ? null : Math.floor(since))}</span></p>
    ${job.status === "pending" && waiting && html`<p class="note">${REASONS[waiting.reason] ?? waiting.reason}${waiting.position ? `: place ${waiting.position} in the queue` : ""}.</p>`}
    ${type?.steps?.length > 1 && html`<${Steps} steps=${type.steps} at=${stepOf(type.steps, job, detail)} />`}`;
}

/** @param {{job: any, now: number}} given */
function Ended({ job, now }) {
  const ran = between(job.started_at, job.completed_at);
  const waited = between(job.created_at, job.started_at);
  const facts = [
    ["Ended", ago(job.completed_at, now)],
    ["Ran for", ran === null ? "" : duration(ran)],
    ["Waited", waited !== null && waited >= 1 ? duration(waited) : ""],
    ["Cost", job.cost ? paid(job.cost) : ""],
    ["Tries", job.attempt > 1 ? String(job.attempt) : ""],
    ["Model", job.model ?? ""],
    ["Kept until", job.expires_at ? new Date(job.expires_at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" }) : ""],
  ].filter(([, told]) => told);
  return html`<dl class="facts">${facts.map(([name, told]) => html`<div key=${name}><dt>${name}</dt><dd>${told}</dd></div>`)}</dl>`;
}

/** Which step it is at: its message is news sooner than its name. @param {any[]} steps @param {any} job @param {any} detail */
const stepOf = (steps, job, detail) =>
  steps.findIndex(({ name, message }) => (message ? job.message.startsWith(message.replace(/\.+$/, "")) : name === detail?.step));

/** @param {{steps: any[], at: number}} given */
function Steps({ steps, at }) {
  const state = (/** @type {number} */ i) => (at < 0 || i > at ? "later" : i < at ? "over" : "now");
  return html`<ol class="steps" aria-label="Steps">${steps.map(({ name }, i) => html`<li key=${name} class=${state(i)} aria-current=${i === at ? "step" : null}>
    ${words(name)}${state(i) === "over" && html`<span class="unseen">, finished</span>`}</li>`)}</ol>`;
}
