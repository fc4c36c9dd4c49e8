// The list: filters, counts, and as many rows in the document as can be seen.
import { html, useEffect, useLayoutEffect, useMemo, useNow, useRef, useState, useStore } from "./html.js";
import { Bar } from "./bar.js";
import { Command } from "./command.js";
import { jobs, load, more, reading, refresh } from "./jobs.js";
import { begin } from "./keys.js";
import { filter, route, to } from "./router.js";
import { ended, inSight } from "./rows.js";
import { ago, between, count, curl, duration, many, shortId, statusWord, words } from "./text.js";

const ROW = 68;
const STATUSES = [["", "All"], ["active", "Running"], ["completed", "Done"], ["failed", "Failed"], ["cancelled", "Cancelled"]];

/** @param {{types: any[], cursor: {at: number}}} given `cursor`: the row that the keys are at. */
export function List({ types, cursor }) {
  const { filters } = useStore(route);
  const { rows, hidden, loaded, loading, error, fresh, counts, cursor: next } = useStore(jobs);
  useEffect(() => void load(), [filters.status, filters.type, filters.session]);
  useSoon(load, filters.q);
  const shown = hidden.size ? rows.filter((row) => !hidden.has(row.id)) : rows;
  useEffect(() => void (!shown.length && !loading && more()), [shown.length, loading, next]);
  const titles = useMemo(() => Object.fromEntries(types.map(({ type, title }) => [type, title])), [types]);
  const filtered = Object.values(filters).some(Boolean);
  return html`<section class="list" aria-label="Jobs">
    <${Filters} filters=${filters} types=${types} counts=${counts} />
    ${error && html`<p class="note bad" role="alert">${error}</p>`}
    ${fresh > 0 && html`<button class="fresh" onClick=${showFresh}>${many(fresh, "new job")} above</button>`}
    ${shown.length > 0 ? html`<${Rows} rows=${shown} cursor=${cursor} titles=${titles} />`
      : loaded && !next ? html`<${Empty} filtered=${filtered} />` : html`<div class="rows" aria-busy="true" />`}
  </section>`;
}

function showFresh() {
  reading.atTop = true;
  document.querySelector(".rows")?.scrollTo({ top: 0 });
  void refresh();
}

/** Runs it a moment after the last change of a word. @param {() => void} run @param {string} word */
function useSoon(run, word) {
  const first = useRef(true);
  useEffect(() => {
    if (first.current) return void (first.current = false);
    const timer = setTimeout(run, 250);
    return () => clearTimeout(timer);
  }, [word]);
}

/** @param {{filters: any, types: any[], counts: any}} given */
function Filters({ filters, types, counts }) {
  const shown = STATUSES.filter(([status]) => status !== "cancelled" || filters.status === status || counts?.cancelled);
  const number = (/** @type {string} */ status) => !counts ? null
    : status === "" ? Object.values(counts).reduce((sum, n) => sum + n, 0)
    : status === "active" ? (counts.pending ?? 0) + (counts.processing ?? 0) : counts[status] ?? 0;
  return html`<form class="filters" role="search" onSubmit=${(event) => event.preventDefault()}>
    <div class="line">
      <input type="search" id="search" name="q" placeholder="Search  /" aria-label="Search jobs: the beginning of an id, or words"
        value=${filters.q} onInput=${(event) => filter({ q: event.target.value })} />
      <select name="type" aria-label="Job type" value=${filters.type} onChange=${(event) => filter({ type: event.target.value })}>
        <option value="">All types</option>
        ${types.map(({ type, title }) => html`<option key=${type} value=${type} selected=${type === filters.type}>${title}</option>`)}
      </select>
    </div>
    <div class="chips" role="group" aria-label="Status">
      ${shown.map(([status, word]) => html`<button key=${status} type="button" class="chip" aria-pressed=${String(filters.status === status)}
        onClick=${() => filter({ status })}>${word}${number(status) !== null && html` <span class="n">${count(number(status))}</span>`}</button>`)}
      ${filters.session && html`<button type="button" class="chip" aria-pressed="true" aria-label=${`Session ${filters.session}: show all sessions`}
        onClick=${() => filter({ session: "" })}>${filters.session} ✕</button>`}
    </div>
  </form>`;
}

/** @param {{rows: any[], cursor: {at: number}, titles: Record<string, string>}} given */
function Rows({ rows, cursor, titles }) {
  const box = useRef(null);
  const [seen, setSeen] = useState({ top: 0, height: 900 });
  const now = useNow(5000);
  const { job } = useStore(route);
  const { cursor: next } = useStore(jobs);
  const look = () => {
    const { scrollTop: top, clientHeight: height } = box.current;
    if (!height) return; // a phone shows the job in place of the list
    reading.atTop = top < ROW / 2;
    if (Math.abs(top - seen.top) >= ROW || height !== seen.height || top === 0) setSeen({ top, height });
    if (top + height > rows.length * ROW - 10 * ROW) void more();
  };
  useLayoutEffect(look, [rows.length, next]);
  const latest = useRef(look);
  latest.current = look;
  useEffect(() => {
    const watching = new ResizeObserver(() => latest.current());
    watching.observe(box.current);
    return () => watching.disconnect();
  }, []);
  const { first, last } = inSight({ ...seen, row: ROW, count: rows.length });
  return html`<div class="rows" ref=${box} onScroll=${look}>
    <ul style=${{ height: `${rows.length * ROW}px` }}>
      ${rows.slice(first, last).map((row, i) => html`<${Row} key=${row.id} row=${row} title=${titles[row.type]} now=${now} at=${first + i} of=${rows.length}
        here=${row.id === job} onFocus=${() => (cursor.at = first + i)} />`)}
    </ul>
  </div>`;
}

/** @param {{row: import("./rows.js").Row, title: string|undefined, now: number, at: number, of: number, here: boolean, onFocus: () => void}} given */
function Row({ row, title, now, at, of, here, onFocus }) {
  const took = between(row.created, row.ended);
  const told = row.status === "completed" ? (took === null ? "" : `took ${duration(took)}`) : row.error ?? row.message;
  return html`<li style=${{ top: `${at * ROW}px` }} aria-setsize=${of} aria-posinset=${at + 1}>
    <a ...${to({ job: row.id, making: null, tab: "" })} class="row" data-at=${at} data-id=${row.id} aria-current=${here ? "true" : null} onFocus=${onFocus}>
      <span class=${`dot ${row.status}`} aria-hidden="true" />
      <span class="what"><b>${title ?? words(row.type)}</b> <code>${shortId(row.id)}</code></span>
      <span class="when">${ago(row.created, now)}</span>
      <span class="told"><span class="word">${statusWord(row.status)}</span>${told ? ` · ${told}` : ""}${row.attempt > 1 ? ` · try ${row.attempt}` : ""}</span>
      ${!ended(row) && html`<${Bar} progress=${row.progress} source=${row.source} quiet=${true} />`}
    </a>
  </li>`;
}

/** @param {{filtered: boolean}} given */
function Empty({ filtered }) {
  if (filtered) {
    const all = () => filter({ status: "", type: "", session: "", q: "" });
    return html`<div class="empty"><h2>Nothing fits</h2><p>No job has all of these.</p>
      <button onClick=${all}>Show all jobs</button></div>`;
  }
  const body = { type: "generate_characters", payload: { theme: "fantasy", count: 3 } };
  return html`<div class="empty"><h2>No jobs yet</h2>
    <p>A job is one long generation. It is accepted at once, runs in the background, and is found here again, whatever happens to this page.</p>
    <button class="main" onClick=${begin}>Write the first one</button>
    <p>Or from a terminal:</p><${Command} text=${curl("POST", `${location.origin}/jobs`, body)} /></div>`;
}
