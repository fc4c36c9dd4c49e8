// The progress of a running job, or the facts of a finished one.
import { html, useMemo, useNow, usePolled } from "../lib/html.js";
import { outlook } from "../lib/api.js";
import { ago, between, duration, finalCost, remainingTime, statusWord } from "../lib/text.js";
import { hasEnded } from "../jobs/row-updates.js";
import { ProgressBar, progressBasis } from "../ui/progress-bar.js";
import { Facts } from "./facts.js";
import { stepIndex, Steps } from "./steps.js";

const OUTLOOK_INTERVAL_MS = 4000;
const WAITING = {
  queued: "All workers are busy",
  no_worker: "No worker is running. Start one: python -m worker, or loresmith up",
  paused: "Paused by an administrator. The job starts when the queue is resumed",
  owner_concurrency: "As many of your jobs run as may at once",
  pool_closed: "The model is busy. The job starts by itself",
  pool_requests: "The rate limit of the model is reached. The job starts by itself",
  pool_tokens: "The token limit of the model is reached. The job starts by itself",
  pool_concurrency: "All places of the model are in use. The job starts by itself",
  suspended: "The queue is suspended. Resume it: rq resume",
  next_try: "Waiting for the next attempt",
  recovering: "The worker was lost; another one takes over",
  rate_limited: "The provider's rate limit is reached. The job goes on by itself",
  waiting_provider: "The provider does not answer. The job goes on by itself",
  waiting_archive: "The database does not answer. The job goes on by itself",
  waiting_version: "Waiting for workers of a newer release",
};

/** @typedef {import("../lib/types.js").Job} Job */
/** @typedef {import("../lib/types.js").JobType} JobType */

/** @param {{job: Job, type: JobType|undefined}} props */
export function Progress({ job, type }) {
  const ended = hasEnded(job);
  const now = useNow(1000, !ended);
  return html`<div class="progress">
    ${ended
      ? html`<${Facts} facts=${endFacts(job, now)} />`
      : html`<${Running} key=${job.attempt} job=${job} now=${now} type=${type} />`}
    <p class="unseen" role="status">${statusWord(job.status)}${ended ? "" : `, ${job.message}`}</p>
  </div>`;
}

/** @param {{job: Job, now: number, type: JobType|undefined}} props */
function Running({ job, now, type }) {
  const polled = usePolled(() => outlook(job.id), OUTLOOK_INTERVAL_MS);
  const { progress_detail: detail, waiting } = polled ?? job;
  const eta = detail?.eta_s;
  const estimatedAt = useMemo(() => Date.now(), [eta?.p50, eta?.p90]);
  const remaining = detail?.overdue ? "longer than usual" : remainingTime(eta, now - estimatedAt);
  const elapsed = between(job.started_at ?? job.created_at, new Date(now).toISOString());
  const source = job.progress_source ?? "simulated";
  return html`<div class="line">
      <span class="message">${job.message}</span><b class="percent">${job.progress} %</b>
    </div>
    <${ProgressBar} progress=${job.progress} source=${source} label=${job.message} />
    <p class="soft line">
      <span>${[progressBasis(source, detail), remaining].filter(Boolean).join(" · ")}</span>
      <span>${duration(elapsed === null ? null : Math.floor(elapsed))}</span>
    </p>
    ${job.status === "pending" && waiting && html`<p class="note">${waitingText(waiting)}</p>`}
    ${type &&
    type.steps.length > 1 &&
    html`<${Steps} steps=${type.steps} current=${stepIndex(type.steps, job, detail)} />`}`;
}

/** @param {NonNullable<Job["waiting"]>} waiting */
function waitingText({ reason, position, expected_start_in_s: seconds }) {
  return [
    `${WAITING[reason] ?? reason}.`,
    position && `Position ${position} in the queue.`,
    seconds !== null && seconds >= 1 && `Starts in about ${duration(seconds)}.`,
  ]
    .filter(Boolean)
    .join(" ");
}

/** @param {Job} job @param {number} now @returns {[string, string][]} */
function endFacts(job, now) {
  const ran = between(job.started_at, job.completed_at);
  const waited = between(job.created_at, job.started_at);
  /** @type {[string, string][]} */
  const facts = [
    ["Ended", ago(job.completed_at, now)],
    ["Reason", job.cancel_reason ?? ""],
    ["Cancelled by", job.cancelled_by ?? ""],
    ["Content", job.content_removed_at ? `removed ${ago(job.content_removed_at, now)}` : ""],
    ["Ran for", ran === null ? "" : duration(ran)],
    ["Waited", waited !== null && waited >= 1 ? duration(waited) : ""],
    ["Cost", job.cost ? finalCost(job.cost) : ""],
    ["Attempts", job.attempt > 1 ? String(job.attempt) : ""],
    ["Model", job.model ?? ""],
    ["Expires", job.expires_at ? dateTime(job.expires_at) : ""],
  ];
  return facts.filter(([, value]) => value);
}

/** @param {string} time */
const dateTime = (time) =>
  new Date(time).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
