// The query string holds what the page shows, so that links, reloads and "back" work.
import { store } from "./store.js";

const FILTERS = ["status", "type", "session", "q"];
const VIEWS = ["jobs", "spend", "keys", "system"];

/**
 * @typedef {{status: string, type: string, session: string, q: string}} Filters
 * @typedef {{view: string, job: string, tab: string, newType: string|null, filters: Filters}} Route
 * `newType`: the job type of the open form; "" before one is chosen, null when no form is open.
 */

/** @param {string} search A query string @returns {Route} */
export function parse(search) {
  const params = new URLSearchParams(search);
  const text = (/** @type {string} */ name) => params.get(name) ?? "";
  return {
    view: VIEWS.includes(text("view")) ? text("view") : "jobs",
    job: text("job"),
    tab: text("tab"),
    newType: params.has("new") ? text("new") : null,
    filters: /** @type {any} */ (Object.fromEntries(FILTERS.map((name) => [name, text(name)]))),
  };
}

/** The address of a route, relative to the page; the inverse of `parse`. @param {Route} route */
export function link({ view, job, tab, newType, filters }) {
  const fields = { view: view === "jobs" ? "" : view, ...filters, job, tab: job ? tab : "" };
  const query = new URLSearchParams(Object.entries(fields).filter(([, value]) => value));
  if (newType !== null && !job) query.set("new", newType);
  return query.size ? `./?${query}` : "./";
}

/** The filters as query parameters of `GET /jobs`. @param {Filters} filters */
export function listQuery({ status, type, session, q }) {
  const query = { status, type, session_id: session, q: q.trim() };
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value));
}

const HOME = parse("");
export const route = store(typeof location === "undefined" ? HOME : parse(location.search));

/** Whether the panel of a job is on the screen. @param {string|null} id */
export const isOpen = (id) => route.get().view === "jobs" && route.get().job === id;

/** The current route with a change. @param {Partial<Route>} change @returns {Route} */
export const changed = (change) => ({ ...route.get(), ...change });

/**
 * Changes the route. `replace`: without a new entry in the browser's history.
 * @param {Partial<Route>} change
 * @param {{replace?: boolean}} [options]
 */
export function go(change, { replace = false } = {}) {
  const next = changed(change);
  const target = link(next);
  if (new URL(target, location.href).search !== location.search) {
    history[replace ? "replaceState" : "pushState"](null, "", target);
  }
  route.set(next);
}

/** Changes some filters. @param {Partial<Filters>} change */
export const filter = (change) =>
  go({ view: "jobs", filters: { ...route.get().filters, ...change } }, { replace: true });

/** Attributes of a link that does not reload the page. @param {Partial<Route>} change */
export function to(change) {
  const onClick = (/** @type {MouseEvent} */ event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    go(change);
  };
  return { href: link(changed(change)), onClick };
}

/** Follows "back" and "forward". */
export function listen() {
  addEventListener("popstate", () => route.set(parse(location.search)));
}
