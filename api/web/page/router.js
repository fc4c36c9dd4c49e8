// What the page shows is in its query string, so that a link, a reload and "back" all work.
import { store } from "./store.js";

const FILTERS = ["status", "type", "session", "q"];
const VIEWS = ["jobs", "spend", "system"];

/**
 * @typedef {{view: string, job: string, tab: string, making: string|null,
 *   filters: {status: string, type: string, session: string, q: string}}} Route
 * `making`: the type of the job that is being written; "" for none yet, null when no form is open.
 */

/** @param {string} search A query string @returns {Route} */
export function parse(search) {
  const given = new URLSearchParams(search);
  const word = (/** @type {string} */ name) => given.get(name) ?? "";
  return {
    view: VIEWS.includes(word("view")) ? word("view") : "jobs",
    job: word("job"),
    tab: word("tab"),
    making: given.has("new") ? word("new") : null,
    filters: /** @type {any} */ (Object.fromEntries(FILTERS.map((name) => [name, word(name)]))),
  };
}

/** The other way round: a link to what a route shows. @param {Route} route */
export function link({ view, job, tab, making, filters }) {
  const told = { view: view === "jobs" ? "" : view, ...filters, job, tab: job ? tab : "" };
  const query = new URLSearchParams(Object.entries(told).filter(([, value]) => value));
  if (making !== null && !job) query.set("new", making);
  return query.size ? `/?${query}` : "/";
}

/** The filters in the words of `GET /jobs`. @param {Route["filters"]} filters */
export function asked({ status, type, session, q }) {
  const query = { status, type, session_id: session, q: q.trim() };
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value));
}

const NOWHERE = parse("");
export const route = store(typeof location === "undefined" ? NOWHERE : parse(location.search));

/** Another place, from the one that is shown. @param {Partial<Route>} change @returns {Route} */
export const elsewhere = (change) => ({ ...route.get(), ...change });

/** Goes there. `quietly`: "back" skips it. @param {Partial<Route>} change @param {{quietly?: boolean}} [how] */
export function go(change, { quietly = false } = {}) {
  const next = elsewhere(change);
  const target = link(next);
  if (target !== location.pathname + location.search) {
    history[quietly ? "replaceState" : "pushState"](null, "", target);
  }
  route.set(next);
}

/** Changes some filters. @param {Partial<Route["filters"]>} change */
export const filter = (change) =>
  go({ view: "jobs", filters: { ...route.get().filters, ...change } }, { quietly: true });

/** Attributes of a link that does not load the page anew. @param {Partial<Route>} change */
export function to(change) {
  const onClick = (/** @type {MouseEvent} */ event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    go(change);
  };
  return { href: link(elsewhere(change)), onClick };
}

/** Follows "back" and "forward". */
export function listen() {
  addEventListener("popstate", () => route.set(parse(location.search)));
}
