// The list of jobs and what keeps it true: pages by cursor, and one stream for all that happens.
import { client, Refused } from "./api.js";
import { listed, PAGE } from "./first.js";
import { asked, route } from "./router.js";
import { ended, light, patched, refreshed, unknown } from "./rows.js";
import { store } from "./store.js";

const REFRESH_MS = 700;
const LOADED = { loading: false };

/**
 * `fresh`: new rows that wait above until the reader asks for them. `hidden`: ids on their way out.
 * @type {ReturnType<typeof store<{rows: import("./rows.js").Row[], counts: any, cursor: string|null,
 *   loading: boolean, loaded: boolean, error: string|null, fresh: number, hidden: Set<string>}>>}
 */
export const jobs = store({ rows: [], counts: null, cursor: null, loading: false, loaded: false,
  error: null, fresh: 0, hidden: new Set() });

/** Called with every update of every job. @type {Set<(update: any) => void>} */
export const onUpdate = new Set();

/** Whether new rows may come in at the top: nobody is reading further down. */
export const reading = { atTop: true };

/** Grows when the filters change: what was asked before is of no use. */
let generation = 0;
/** @type {any} */
let timer = null;
/** @type {Map<string, any[]>} */
let waiting = new Map();

/** Begins anew, with the filters of the route. */
export async function load() {
  generation += 1;
  jobs.set({ loading: true, fresh: 0 });
  await read({}, (page) => jobs.set({ rows: page.rows, cursor: page.cursor, counts: page.counts, loaded: true }), LOADED);
}

/** The next page. */
export async function more() {
  const { cursor, loading } = jobs.get();
  if (!cursor || loading) return;
  jobs.set({ loading: true });
  await read({ cursor }, (page) => {
    const { rows } = jobs.get();
    jobs.set({ rows: [...rows, ...unknown(rows, page.rows)], cursor: page.cursor });
  }, LOADED);
}

/** The first page again: new rows, rows that went, and the counts. */
export async function refresh() {
  await read({}, (page) => {
    const { rows, cursor } = jobs.get();
    const whole = page.cursor === null;
    const next = refreshed(rows, page.rows, whole);
    const first = next.length === page.rows.length && !whole ? page.cursor : whole ? null : cursor;
    if (reading.atTop) jobs.set({ rows: next, counts: page.counts, cursor: first, fresh: 0, loaded: true });
    else jobs.set({ counts: page.counts, fresh: unknown(rows, page.rows).length, loaded: true });
  });
}

/** Once soon, however often it is asked for. */
export function refreshSoon() {
  timer ??= setTimeout(() => ((timer = null), void refresh()), REFRESH_MS);
}

/** @param {Record<string, any>} query @param {(page: any) => void} use @param {any} [done] What else is so then. */
async function read(query, use, done = {}) {
  const mine = generation;
  const told = { error: /** @type {string|null} */ (null) };
  try {
    const page = await fetched({ ...asked(route.get().filters), limit: PAGE, ...query });
    if (mine === generation) use(page);
  } catch (error) {
    told.error = error instanceof Refused ? error.message : null;
  }
  if (mine === generation) jobs.set({ ...told, ...done });
}

/** A page as rows. @param {any} query */
async function fetched(query) {
  const { jobs: found, next_cursor: cursor, counts } = await listed(query);
  return { rows: found.map(light), cursor, counts };
}

/** Follows the stream of all jobs for as long as the page is open. */
export function follow() {
  return client.feed.subscribe((update) => {
    if (update === null) return void refresh();
    for (const listener of onUpdate) listener(update);
    heard(update);
  });
}

/** @param {any} update */
function heard(update) {
  if (update.type === "counts" && !narrowed()) return jobs.set({ counts: update.counts });
  if (["created", "counts", "snapshot", "reset", "done"].includes(update.type)) refreshSoon();
  if (!update.job_id) return;
  if (!waiting.size) requestAnimationFrame(apply);
  waiting.set(update.job_id, [...(waiting.get(update.job_id) ?? []), update]);
}

/** All updates since the last frame, as one change. */
function apply() {
  const updates = waiting;
  waiting = new Map();
  let changed = false;
  const rows = jobs.get().rows.map((row) => {
    const next = (updates.get(row.id) ?? []).reduce(patched, row);
    changed ||= next !== row;
    return next !== row && ended(next) && !next.ended ? { ...next, ended: new Date().toISOString() } : next;
  });
  if (changed) jobs.set({ rows });
}

/** Whether filters other than the status narrow the list: then the stream's counts are of more. */
function narrowed() {
  const { type, session, q } = route.get().filters;
  return !!(type || session || q.trim());
}

/** Takes a row out of sight, or puts it back. @param {string} id @param {boolean} away */
export function hide(id, away) {
  const hidden = new Set(jobs.get().hidden);
  hidden[away ? "add" : "delete"](id);
  jobs.set({ hidden });
}
