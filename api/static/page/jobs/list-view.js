// The list of jobs: filters, counts, and only the rows in the viewport.
import { address } from "../lib/api.js";
import { html, useEffect, useLayoutEffect, useMemo, useRef } from "../lib/html.js";
import { useNow, useState, useStore } from "../lib/html.js";
import { go, route, to } from "../lib/router.js";
import { ago, between, curl, duration, plural, shortId, statusWord, words } from "../lib/text.js";
import { Command } from "../ui/copy.js";
import { openForm } from "../ui/keyboard.js";
import { ProgressBar } from "../ui/progress-bar.js";
import { Filters, NO_FILTERS } from "./filters.js";
import { jobs, load, loadMore, refresh, scroll } from "./job-list.js";
import { hasEnded, visibleRange } from "./row-updates.js";

const ROW_HEIGHT = 68;
const SEARCH_DELAY_MS = 250;

/** @typedef {import("./row-updates.js").Row} Row */
/** @typedef {import("../ui/keyboard.js").Cursor} Cursor */

/** @param {{types: import("../lib/types.js").JobType[], cursor: Cursor}} props */
export function JobList({ types, cursor }) {
  const { filters } = useStore(route);
  const { rows, hidden, loaded, loading, error, fresh, counts, cursor: next } = useStore(jobs);
  useEffect(() => void load(), [filters.status, filters.type, filters.session]);
  useDebounced(load, filters.q);
  const shown = hidden.size ? rows.filter((row) => !hidden.has(row.id)) : rows;
  useEffect(() => void (!shown.length && !loading && loadMore()), [shown.length, loading, next]);
  const titles = useMemo(
    () => Object.fromEntries(types.map(({ type, title }) => [type, title])),
    [types],
  );
  return html`<section class="list" aria-label="Jobs">
    <${Filters} filters=${filters} types=${types} counts=${counts} />
    ${error && html`<p class="note bad" role="alert">${error}</p>`}
    ${fresh > 0 &&
    html`<button class="fresh" onClick=${showFresh}>${plural(fresh, "new job")} above</button>`}
    ${shown.length > 0
      ? html`<${Rows} rows=${shown} cursor=${cursor} titles=${titles} />`
      : loaded && !next
        ? Object.values(filters).some(Boolean)
          ? html`<${NoMatches} />`
          : html`<${NoJobs} />`
        : html`<div class="rows" aria-busy="true" />`}
  </section>`;
}

function showFresh() {
  scroll.atTop = true;
  document.querySelector(".rows")?.scrollTo({ top: 0 });
  void refresh();
}

/** Runs shortly after the last change of a text. @param {() => void} run @param {string} text */
function useDebounced(run, text) {
  const first = useRef(true);
  useEffect(() => {
    if (first.current) return void (first.current = false);
    const timer = setTimeout(run, SEARCH_DELAY_MS);
    return () => clearTimeout(timer);
  }, [text]);
}

/** @param {{rows: Row[], cursor: Cursor, titles: Record<string, string>}} props */
function Rows({ rows, cursor, titles }) {
  const box = useRef(/** @type {any} */ (null));
  const [viewport, setViewport] = useState({ top: 0, height: 900 });
  const now = useNow(5000);
  const { job } = useStore(route);
  const { cursor: next } = useStore(jobs);
  const measure = () => {
    if (!box.current?.clientHeight) return; // a phone shows the job in place of the list
    const { scrollTop: top, clientHeight: height } = box.current;
    scroll.atTop = top < ROW_HEIGHT / 2;
    if (Math.abs(top - viewport.top) >= ROW_HEIGHT || height !== viewport.height || top === 0)
      setViewport({ top, height });
    if (top + height > rows.length * ROW_HEIGHT - 10 * ROW_HEIGHT) void loadMore();
  };
  useLayoutEffect(measure, [rows.length, next]);
  const latest = useRef(measure);
  latest.current = measure;
  useEffect(() => {
    const observer = new ResizeObserver(() => latest.current());
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  const { first, last } = visibleRange({ ...viewport, row: ROW_HEIGHT, count: rows.length });
  return html`<div class="rows" ref=${box} onScroll=${measure}>
    <ul style=${{ height: `${rows.length * ROW_HEIGHT}px` }}>
      ${rows
        .slice(first, last)
        .map(
          (row, i) =>
            html`<${JobRow}
              key=${row.id}
              row=${row}
              title=${titles[row.type]}
              now=${now}
              index=${first + i}
              total=${rows.length}
              current=${row.id === job}
              onFocus=${() => (cursor.at = first + i)}
            />`,
        )}
    </ul>
  </div>`;
}

/**
 * @param {{row: Row, title: string|undefined, now: number, index: number, total: number,
 *   current: boolean, onFocus: () => void}} props
 */
function JobRow({ row, title, now, index, total, current, onFocus }) {
  const details = [
    row.status === "completed" ? tookOf(row) : (row.error ?? row.message),
    row.attempt > 1 ? `attempt ${row.attempt}` : "",
  ].filter(Boolean);
  return html`<li
    style=${{ top: `${index * ROW_HEIGHT}px` }}
    aria-setsize=${total}
    aria-posinset=${index + 1}
  >
    <a
      ...${to({ job: row.id, newType: null, tab: "" })}
      class="row"
      data-at=${index}
      data-id=${row.id}
      aria-current=${current ? "true" : null}
      onFocus=${onFocus}
    >
      <span class=${`dot ${row.status}`} aria-hidden="true" />
      <span class="what"
        ><b>${row.title ?? title ?? words(row.type)}</b> <code>${shortId(row.id)}</code></span
      >
      <span class="when">${ago(row.created, now)}</span>
      <span class="details"
        ><span class="word">${statusWord(row.status)}</span>${details.map((one) => ` · ${one}`)}
      </span>
      ${!hasEnded(row) &&
      html`<${ProgressBar} progress=${row.progress} source=${row.source} decorative />`}
    </a>
  </li>`;
}

/** @param {Row} row */
function tookOf({ created, started, ended }) {
  const seconds = between(started ?? created, ended);
  return seconds === null ? "" : `took ${duration(seconds)}`;
}

function NoMatches() {
  const showAll = () => go({ view: "jobs", filters: NO_FILTERS }, { replace: true });
  return html`<div class="empty">
    <h2>No matching jobs</h2>
    <p>Try fewer filters.</p>
    <button onClick=${showAll}>Show all jobs</button>
  </div>`;
}

function NoJobs() {
  const body = { type: "prompt", payload: { prompt: "Write a haiku about rain." } };
  return html`<div class="empty">
    <h2>No jobs yet</h2>
    <p>A job is one long generation. It runs in the background; you can close this page.</p>
    <button class="main" onClick=${openForm}>Create your first job</button>
    <p>Or from a terminal:</p>
    <${Command} text=${curl("POST", address("/jobs"), body)} />
  </div>`;
}
