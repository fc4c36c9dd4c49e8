// How far a job is, and how sure that is.
import { html, useEffect, useMemo, useNow } from "./html.js";
import { Bar, by } from "./bar.js";
import { ended } from "./rows.js";
import { ago, between, duration, left, statusWord } from "./text.js";

const REASONS = {
  queued: "The workers are busy", no_worker: "No worker is running: start one with `python -m worker`, or everything with `loresmith up`",
  next_try: "It is tried again soon", recovering: "Its worker is gone; another one takes it over",
};

/** @param {{job: any}} given */
export function Progress({ job }) {
  const over = ended(job);
  const now = useNow(1000, !over);
  return html`<div class="progress">
    ${over ? html`<${Ended} job=${job} now=${now} />` : html`<${Running} job=${job} now=${now} />`}
    <p class="unseen" role="status">${statusWord(job.status)}${over ? "" : `, ${job.message}`}</p>
  </div>`;
}

/** @param {{job: any, now: number}} given */
function Running({ job, now }) {
  const eta = job.progress_detail?.eta_s;
  const looked = useMemo(() => Date.now(), [eta?.p50, eta?.p90]);
  const since = between(job.started_at ?? job.created_at, new Date(now).toISOString());
  const remaining = job.progress_detail?.overdue ? "longer than usual" : left(eta, now - looked);
  return html`<div class="line"><span class="message">${job.message}</span><b class="percent">${job.progress} %</b></div>
    <${Bar} progress=${job.progress} source=${job.progress_source ?? "simulated"} label=${job.message} />
    <p class="soft line"><span>${by(job.progress_source)}${remaining ? ` · ${remaining}` : ""}</span><span>${duration(since === null ? null : Math.floor(since))}</span></p>
    ${job.waiting && html`<p class="note">${REASONS[job.waiting.reason] ?? job.waiting.reason}${job.waiting.position ? ` · place ${job.waiting.position} in the queue` : ""}.</p>`}`;
}

/** @param {{job: any, now: number}} given */
function Ended({ job, now }) {
  const ran = between(job.started_at, job.completed_at);
  const waited = between(job.created_at, job.started_at);
  const facts = [
    ["Ended", ago(job.completed_at, now)],
    ["Ran for", ran === null ? "" : duration(ran)],
    ["Waited", waited !== null && waited >= 1 ? duration(waited) : ""],
    ["Tries", job.attempt > 1 ? String(job.attempt) : ""],
    ["Model", job.model ?? ""],
    ["Kept until", job.expires_at ? new Date(job.expires_at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" }) : ""],
  ].filter(([, told]) => told);
  return html`<dl class="facts">${facts.map(([name, told]) => html`<div key=${name}><dt>${name}</dt><dd>${told}</dd></div>`)}</dl>`;
}
