// The rows of the list, as plain values. Pure.

/**
 * @typedef {{id: string, type: string, status: string, progress: number, message: string, source: string,
 *   created: string, ended: string|null, attempt: number, error: string|null, session: string|null}} Row
 */

/** Of a job what a row shows: 10,000 of them weigh little. @param {any} job @returns {Row} */
export const light = (job) => ({
  id: job.id,
  type: job.type,
  status: job.status,
  progress: job.progress,
  message: job.message,
  source: job.progress_source ?? "simulated",
  created: job.created_at,
  ended: job.completed_at ?? null,
  attempt: job.attempt ?? 1,
  error: job.error ?? null,
  session: job.session_id ?? null,
});

/** A row after an update; the same row when it says nothing new. @param {Row} row @param {any} update */
export function patched(row, update) {
  if ((update.attempt ?? row.attempt) < row.attempt) return row;
  const again = (update.attempt ?? row.attempt) > row.attempt;
  if (!again && ended(row)) return row;
  const { status = row.status, message = row.message, source = row.source } = update;
  const progress = again ? (update.progress ?? 0) : Math.max(row.progress, update.progress ?? 0);
  return { ...row, status, message, source, progress, attempt: update.attempt ?? row.attempt };
}

/** @param {{status: string}} row */
export const ended = ({ status }) => !["pending", "processing"].includes(status);

/**
 * The list after its first page was read again: what is new comes first, what has gone goes, what
 * lies below that page stays.
 * @param {Row[]} rows
 * @param {Row[]} page
 * @param {boolean} whole Whether the page is all there is.
 */
export function refreshed(rows, page, whole) {
  if (whole || !rows.length) return page;
  const last = page.at(-1);
  if (!last) return rows;
  const ids = new Set(page.map((row) => row.id));
  const below = rows.findIndex((row) => row.created < last.created);
  const rest = below < 0 ? [] : rows.slice(below).filter((row) => !ids.has(row.id));
  return [...page, ...rest];
}

/** Rows of a page that the list does not have. @param {Row[]} rows @param {Row[]} page */
export function unknown(rows, page) {
  const ids = new Set(rows.map((row) => row.id));
  return page.filter((row) => !ids.has(row.id));
}

/**
 * Which rows to draw: those in sight and a few around them.
 * @param {{top: number, height: number, row: number, count: number, around?: number}} seen px
 */
export function inSight({ top, height, row, count, around = 8 }) {
  const first = Math.max(0, Math.floor(top / row) - around);
  const last = Math.min(count, Math.ceil((top + height) / row) + around);
  return { first: Math.min(first, count), last };
}
