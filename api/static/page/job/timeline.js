// The events of a job in order, from its own stream.
import { html, useEffect, useState } from "../lib/html.js";
import { readStream } from "../../client/stream.js";
import { client } from "../lib/api.js";
import { duration } from "../lib/text.js";
import { toEntry } from "./timeline-entries.js";

const MAX_ENTRIES = 300;
const MIN_GAP_MS = 5000;

/** @typedef {import("./timeline-entries.js").Entry} Entry */

/** @param {{job: import("../lib/types.js").Job}} props */
export function Timeline({ job }) {
  const [entries, setEntries] = useState(/** @type {Entry[]|null} */ (null));
  useEffect(() => {
    const stop = new AbortController();
    const created = /** @type {any} */ ({ type: "created" });
    const first = /** @type {Entry} */ (toEntry(created, String(Date.parse(job.created_at))));
    void readEntries(job.id, stop.signal, (rest) => setEntries([first, ...rest]));
    return () => stop.abort();
  }, [job.id]);
  if (!entries) return html`<p class="soft">Loading…</p>`;
  const start = entries[0].at;
  const shown = entries.slice(-MAX_ENTRIES);
  return html`<ol class="timeline">
    ${shown.map(
      (entry, i) =>
        html`<${TimelineEntry}
          key=${i}
          entry=${entry}
          offset=${i ? entry.at - start : null}
          gap=${shown[i + 1] ? shown[i + 1].at - entry.at : 0}
        />`,
    )}
  </ol>`;
}

/**
 * @param {{entry: Entry, offset: number|null, gap: number}} props `offset`: ms since the first
 *   entry; null for the first. `gap`: ms until the next one.
 */
function TimelineEntry({ entry: { at, type, title, detail, bad }, offset, gap }) {
  const time = new Date(at);
  return html`<li class=${`${type}${bad ? " bad" : ""}`}>
    <time datetime=${time.toISOString()} title=${time.toLocaleString()}>
      ${offset === null ? time.toLocaleTimeString() : `+${duration(offset / 1000)}`}
    </time>
    <div>
      <b>${title}</b>${detail && html`<span class="soft"> ${detail}</span>`}
      ${gap > MIN_GAP_MS && html`<span class="gap">${duration(gap / 1000)}</span>`}
    </div>
  </li>`;
}

/**
 * Reads the stored events, then the new ones.
 * @param {string} id
 * @param {AbortSignal} signal
 * @param {(entries: Entry[]) => void} show
 */
async function readEntries(id, signal, show) {
  /** @type {Entry[]} */
  let entries = [];
  let frame = 0;
  const onEvent = (/** @type {any} */ event, /** @type {string|undefined} */ eventId) => {
    const entry = eventId ? toEntry(event, eventId) : null;
    if (entry) entries = [...entries, entry];
    frame ||= requestAnimationFrame(() => ((frame = 0), signal.aborted || show(entries)));
  };
  const path = `/jobs/${encodeURIComponent(id)}/events?starting_after=1&deltas=0`;
  await readStream(client.http, path, { signal, onEvent });
  if (!signal.aborted) show(entries);
}
