// The list of jobs: pages by cursor, kept up to date by the event stream of all jobs.
import { client, Refused } from "../lib/api.js";
import { listQuery, route } from "../lib/router.js";
import { store } from "../lib/store.js";
import { applyEvent, hasEnded, mergeFirstPage, newRows, toRow } from "./row-updates.js";

const PAGE_SIZE = 50;
const REFRESH_DELAY_MS = 700;
/** Events after which the first page is read again: rows or counts may have changed. */
const REFRESHING = ["created", "counts", "snapshot", "reset", "done"];

/** @typedef {import("./row-updates.js").Row} Row */
/** @typedef {import("../lib/types.js").AllJobsEvent} AllJobsEvent */
/** @typedef {import("../lib/types.js").JobStateEvent} JobStateEvent */
/**
 * @typedef {{rows: Row[], counts: Record<string, number>|null, cursor: string|null,
 *   loading: boolean, loaded: boolean, error: string|null, fresh: number,
 *   hidden: Set<string>}} List
 * `fresh`: new rows that wait until the reader asks for them. `hidden`: ids that are being deleted.
 */

export const jobs = store(
  /** @type {List} */ ({
    rows: [],
    counts: null,
    cursor: null,
    loading: false,
    loaded: false,
    error: null,
    fresh: 0,
    hidden: new Set(),
  }),
);

/** Called with every event of every job. @type {Set<(event: AllJobsEvent) => void>} */
export const eventListeners = new Set();

/** New rows are inserted at once only while the list is scrolled to its top. */
export const scroll = { atTop: true };

const LOADED = { loading: false };

/** Grows when the filters change, so that answers to earlier requests are dropped. */
let generation = 0;
/** @type {any} */
let refreshTimer = null;
/** Events since the last frame, by job. @type {Map<string, JobStateEvent[]>} */
let pending = new Map();

/** Loads the first page for the filters of the route. */
export async function load() {
  generation += 1;
  jobs.set({ loading: true, fresh: 0 });
  await read({}, (page) => ({ ...page, loaded: true }), LOADED);
}

/** Loads the next page. */
export async function loadMore() {
  const { cursor, loading } = jobs.get();
  if (!cursor || loading) return;
  jobs.set({ loading: true });
  await read(
    { cursor },
    (page) => {
      const { rows } = jobs.get();
      return { rows: [...rows, ...newRows(rows, page.rows)], cursor: page.cursor };
    },
    LOADED,
  );
}

/** Reads the first page again: new rows, deleted rows and counts. */
export async function refresh() {
  await read({}, merged);
}

/** @param {Page} page @returns {Partial<List>} */
function merged(page) {
  const { rows, cursor } = jobs.get();
  const { counts } = page;
  if (!scroll.atTop) return { counts, fresh: newRows(rows, page.rows).length, loaded: true };
  const complete = page.cursor === null;
  const next = mergeFirstPage(rows, page.rows, complete);
  const onlyThisPage = complete || next.length === page.rows.length;
  const nextCursor = onlyThisPage ? page.cursor : cursor;
  return { rows: next, counts, cursor: nextCursor, fresh: 0, loaded: true };
}

/** Refreshes once after a short delay, however often it is called. */
export function refreshSoon() {
  refreshTimer ??= setTimeout(() => ((refreshTimer = null), void refresh()), REFRESH_DELAY_MS);
}

/** @typedef {{rows: Row[], cursor: string|null, counts: Record<string, number>|null}} Page */

/**
 * Reads a page and changes the list with it, unless the filters changed meanwhile.
 * @param {Record<string, unknown>} query
 * @param {(page: Page) => Partial<List>} change
 * @param {Partial<List>} [always] A change that is made also after an error.
 */
async function read(query, change, always = {}) {
  const current = generation;
  /** @type {Partial<List>} */
  let next;
  try {
    const reply = await client.list({
      ...listQuery(route.get().filters),
      limit: PAGE_SIZE,
      ...query,
    });
    const page = { rows: reply.jobs.map(toRow), cursor: reply.next_cursor, counts: reply.counts };
    if (current !== generation) return;
    next = { ...change(page), error: null };
  } catch (error) {
    next = { error: error instanceof Refused ? error.message : null };
  }
  if (current === generation) jobs.set({ ...next, ...always });
}

/** Follows the event stream of all jobs. Returns a function that stops it. */
export function followFeed() {
  return client.feed.subscribe((event) => {
    if (event === null) return void refresh();
    for (const listener of eventListeners) listener(event);
    receive(event);
  });
}

/** @param {AllJobsEvent} event */
function receive(event) {
  if (event.type === "counts" && !isNarrowed()) return jobs.set({ counts: event.counts });
  if (REFRESHING.includes(event.type)) refreshSoon();
  if (!("seq" in event)) return;
  if (!pending.size) requestAnimationFrame(applyPending);
  pending.set(event.job_id, [...(pending.get(event.job_id) ?? []), event]);
}

/** Applies all events since the last frame as one change. */
function applyPending() {
  const events = pending;
  pending = new Map();
  let changed = false;
  const rows = jobs.get().rows.map((row) => {
    const next = (events.get(row.id) ?? []).reduce(applyEvent, row);
    if (next === row) return row;
    changed = true;
    return hasEnded(next) && !next.ended ? { ...next, ended: new Date().toISOString() } : next;
  });
  if (changed) jobs.set({ rows });
}

/** Whether filters other than the status apply: the counts of the stream ignore filters. */
function isNarrowed() {
  const { type, session, q } = route.get().filters;
  return !!(type || session || q.trim());
}

/** Hides a row, or shows it again. @param {string} id @param {boolean} isHidden */
export function setHidden(id, isHidden) {
  const hidden = new Set(jobs.get().hidden);
  if (isHidden) hidden.add(id);
  else hidden.delete(id);
  jobs.set({ hidden });
}
