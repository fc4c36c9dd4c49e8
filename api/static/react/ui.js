// Accessible components for jobs, with class names `ls-…`; their styles are in loresmith.css.
// docs/browser.md
import * as React from "react";
import { isTerminal } from "../client/index.js";
import { changeText, money } from "../client/text.js";
import { useNetworkStatus } from "./hooks.js";

/** @typedef {import("../client/index.js").Job} Job */
/** @typedef {import("../client/index.js").Alternative} Alternative */

const h = React.createElement;
const WORDS = {
  pending: "Queued",
  processing: "Running",
  completed: "Completed",
  failed: "Failed",
  cancelled: "Cancelled",
  skipped: "Skipped",
};
const SIGNS = {
  pending: "◷",
  processing: "",
  completed: "✓",
  failed: "✕",
  cancelled: "⊘",
  skipped: "⊘",
};

/**
 * A spinner with a progress bar, the message of the job and its error.
 * @param {{job: Job|null|undefined, showProgress?: boolean, showMessage?: boolean}} props
 */
export function JobProgressSpinner({ job, showProgress = true, showMessage = true }) {
  if (!job) return null;
  return h(
    "div",
    { className: `ls-job ls-${job.status}`, "aria-busy": !isTerminal(job) },
    h(Sign, { status: job.status }),
    showProgress && h(Bar, { job }),
    showMessage && h("p", { className: "ls-message", role: "status" }, job.message),
    h(ErrorMessage, { job }),
  );
}

export default JobProgressSpinner;

/**
 * A card with the state of the job and its actions.
 * @param {{job: Job|null|undefined, onCancel?: () => void, onRetry?: () => void,
 *   showDetails?: boolean}} props
 */
export function ProgressTracker({ job, onCancel, onRetry, showDetails = false }) {
  if (!job) return null;
  const retryable = job.status === "failed" || job.status === "cancelled";
  return h(
    "section",
    {
      className: `ls-card ls-${job.status}`,
      "aria-label": `Job ${job.type}`,
      "aria-busy": !isTerminal(job),
    },
    h(
      "header",
      { className: "ls-head" },
      h(Sign, { status: job.status }),
      h("strong", null, WORDS[job.status] ?? job.status),
      h("span", { className: "ls-type" }, job.type),
    ),
    h(Bar, { job }),
    h("p", { className: "ls-message", role: "status" }, job.message),
    h(ErrorMessage, { job }),
    showDetails && h(Details, { job }),
    h(
      "div",
      { className: "ls-actions" },
      onCancel &&
        !isTerminal(job) &&
        h("button", { type: "button", onClick: () => onCancel() }, "Cancel"),
      onRetry && retryable && h("button", { type: "button", onClick: () => onRetry() }, "Retry"),
    ),
  );
}

/** The state of the job in one line. @param {{job: Job|null|undefined}} props */
export function CompactProgressTracker({ job }) {
  if (!job) return null;
  return h(
    "span",
    { className: `ls-compact ls-${job.status}` },
    h(Sign, { status: job.status }),
    h("span", { className: "ls-message" }, isTerminal(job) ? WORDS[job.status] : job.message),
    h(Bar, { job }),
  );
}

/** Shows that the connection is lost and that jobs continue. Empty while connected. */
export function NetworkStatus() {
  const { online, paused, since } = useNetworkStatus();
  const text = online ? "Reconnecting…" : "You are offline.";
  return h(
    "div",
    { role: "status", className: "ls-network" },
    paused || !online
      ? h(
          "p",
          null,
          `${text} Your jobs continue in the background.`,
          since && h("span", { className: "ls-since" }, ` Since ${clock(since)}.`),
        )
      : null,
  );
}

/**
 * Asks for confirmation of a cost, and offers cheaper requests. Escape and "Cancel" decline.
 * @param {{guard: ReturnType<typeof import("./hooks.js").useCostGuard>}} props
 */
export function CostGuardDialog({ guard }) {
  const dialog = React.useRef(/** @type {any} */ (null));
  const title = React.useId();
  const { pending, accept, decline, choose } = guard;
  React.useEffect(() => {
    const shown = dialog.current;
    if (pending && !shown?.open) shown?.showModal?.();
  }, [pending]);
  if (!pending) return null;
  const onCancel = (/** @type {any} */ event) => (event.preventDefault(), decline());
  return h(
    "dialog",
    { ref: dialog, className: "ls-dialog", "aria-labelledby": title, onCancel },
    h("h2", { id: title }, "Confirm cost"),
    h("p", null, priced(pending.estimate)),
    pending.alternatives?.length > 0 && h(Cheaper, { alternatives: pending.alternatives, choose }),
    h(
      "div",
      { className: "ls-actions" },
      h("button", { type: "button", onClick: decline, autoFocus: true }, "Cancel"),
      h("button", { type: "button", onClick: accept }, "Confirm"),
    ),
  );
}

/**
 * @param {{alternatives: Alternative[], choose: (alternative: Alternative) => void}} props
 */
function Cheaper({ alternatives, choose }) {
  return h(
    "ul",
    { className: "ls-cheaper", "aria-label": "Cheaper" },
    alternatives.map((one) => {
      const text = `${changeText(one.change)}, ${price(one.cost)}`;
      return h(
        "li",
        { key: text },
        h("button", { type: "button", onClick: () => choose(one) }, text),
      );
    }),
  );
}

/**
 * Announces jobs that ended while the page was closed.
 * @param {{jobs: Job[], onView?: (job: Job) => void, onDismiss: (id: string) => void}} props
 */
export function RecoveryToast({ jobs, onView, onDismiss }) {
  return h(
    "div",
    { role: "status", className: "ls-toasts" },
    jobs.map((job) =>
      h(
        "div",
        { key: job.id, className: `ls-toast ls-${job.status}` },
        h(
          "p",
          null,
          `${job.type} ${(WORDS[job.status] ?? job.status).toLowerCase()} while you were away`,
        ),
        onView && h("button", { type: "button", onClick: () => onView(job) }, "View"),
        h(
          "button",
          { type: "button", "aria-label": `Dismiss ${job.type}`, onClick: () => onDismiss(job.id) },
          "×",
        ),
      ),
    ),
  );
}

/** @param {{status: Job["status"]}} props */
function Sign({ status }) {
  return h(
    "span",
    { className: `ls-sign${status === "processing" ? " ls-spinner" : ""}`, "aria-hidden": true },
    SIGNS[status] ?? "",
  );
}

/** An estimated bar is striped and labelled "about". @param {{job: Job}} props */
function Bar({ job }) {
  const simulated = job.progress_source === "simulated" && !isTerminal(job);
  return h(
    "div",
    {
      role: "progressbar",
      "aria-label": "Progress",
      "aria-valuemin": 0,
      "aria-valuemax": 100,
      "aria-valuenow": job.progress,
      "aria-valuetext": `${simulated ? "about " : ""}${job.progress} %`,
      className: `ls-bar${simulated ? " ls-simulated" : ""}`,
      title: simulated ? "Estimated by time" : undefined,
    },
    h("div", { className: "ls-fill", style: { width: `${job.progress}%` } }),
  );
}

/** @param {{job: Job}} props */
function ErrorMessage({ job }) {
  return job.status === "failed"
    ? h("p", { className: "ls-error", role: "alert" }, job.error || job.message)
    : null;
}

/** @param {{job: Job}} props */
function Details({ job }) {
  const rows = [
    ["Job", job.id],
    ["Created", clock(job.created_at)],
    ["Started", clock(job.started_at)],
    ["Ended", clock(job.completed_at)],
    ["Took", took(job)],
    ["Attempt", job.attempt],
  ];
  return h(
    "dl",
    { className: "ls-details" },
    rows
      .filter(([, value]) => value)
      .map(([name, value]) => h("div", { key: name }, h("dt", null, name), h("dd", null, value))),
  );
}

/** @param {Job} job */
function took({ started_at: start, completed_at: end }) {
  return start && end ? `${Math.round((Date.parse(end) - Date.parse(start)) / 1000)} s` : null;
}

/** @param {string|number|null|undefined} moment */
const clock = (moment) => (moment ? new Date(moment).toLocaleTimeString() : null);

/** @param {import("../client/index.js").Estimate|undefined} estimate */
function priced(estimate) {
  const { expected = null, max = null, currency } = estimate?.cost ?? {};
  if (max === null) return "No price known for this model.";
  const usual = expected === null ? "" : `, usually ${money(expected, currency)}`;
  return `This job could cost up to ${money(max, currency)}${usual}.`;
}

/** @param {Alternative["cost"]|undefined} cost */
function price(cost) {
  const { max = null, currency } = cost ?? {};
  if (max === null) return "price unknown";
  return max === 0 ? "free" : `at most ${money(max, currency)}`;
}
