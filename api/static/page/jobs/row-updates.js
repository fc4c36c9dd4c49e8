// The rows of the list as plain values. Pure.

/**
 * @typedef {{id: string, type: string, status: string, progress: number, message: string,
 *   source: string, created: string, started: string|null, ended: string|null, attempt: number,
 *   error: string|null, session: string|null, title: string|null}} Row
 */

/**
 * The fields of a job that a row shows, so that 10,000 rows stay small.
 * @param {import("../lib/types.js").Job} job
 * @returns {Row}
 */
export const toRow = (job) => ({
  id: job.id,
  type: job.type,
  status: job.status,
  progress: job.progress,
  message: job.message,
  source: job.progress_source ?? "simulated",
  created: job.created_at,
  started: job.started_at ?? null,
  ended: job.completed_at ?? null,
  attempt: job.attempt ?? 1,
  error: job.error ?? null,
  session: job.session_id ?? null,
  title: job.title ?? null,
});

/**
 * A row after an event; the same object when nothing changes.
 * @param {Row} row
 * @param {import("../lib/types.js").JobStateEvent} event
 * @returns {Row}
 */
export function applyEvent(row, event) {
  const attempt = event.attempt ?? row.attempt;
  const retried = attempt > row.attempt;
  if (attempt < row.attempt || (!retried && hasEnded(row))) return row;
  const { status = row.status, message = row.message, source = row.source } = event;
  const progress = Math.max(retried ? 0 : row.progress, event.progress ?? 0);
  return { ...row, status, message, source, progress, attempt };
}

/** @param {{status: string}} job */
export const hasEnded = ({ status }) => !["pending", "processing"].includes(status);

/**
 * The list after its first page was read again. Rows below that page stay.
 * @param {Row[]} rows
 * @param {Row[]} page
 * @param {boolean} complete Whether there are no further pages.
 */
export function mergeFirstPage(rows, page, complete) {
  if (complete || !rows.length) return page;
  const last = page.at(-1);
  if (!last) return rows;
  const ids = new Set(page.map((row) => row.id));
  const below = rows.findIndex((row) => row.created < last.created);
  const rest = below < 0 ? [] : rows.slice(below).filter((row) => !ids.has(row.id));
  return [...page, ...rest];
}

/** Rows of a page that the list does not have. @param {Row[]} rows @param {Row[]} page */
export function newRows(rows, page) {
  const ids = new Set(rows.map((row) => row.id));
  return page.filter((row) => !ids.has(row.id));
}

/**
 * The range of rows to draw: those in the viewport and a few around them.
 * @param {{top: number, height: number, row: number, count: number, around?: number}} viewport px
 */
export function visibleRange({ top, height, row, count, around = 8 }) {
  const first = Math.max(0, Math.floor(top / row) - around);
  const last = Math.min(count, Math.ceil((top + height) / row) + around);
  return { first: Math.min(first, count), last };
}
