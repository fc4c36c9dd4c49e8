// What happened to a job, in order, from its own stream.
import { html, useEffect, useState } from "./html.js";
import { client } from "./api.js";
import { readStream } from "../client/stream.js";
import { duration, statusWord, words } from "./text.js";

const TOLD = ["created", "status", "step", "item", "done"];
const MOST = 300;
/** The step of a job that has no others. */
const ONLY = "generate";

/** @typedef {{at: number, type: string, title: string, more: string, bad: boolean}} Moment */

/** An event as a line of the timeline, or null for those that only move the bar. Pure. @param {any} update @param {string} id @returns {Moment|null} */
export function moment(update, id) {
  if (!TOLD.includes(update.type) || (update.type === "step" && update.step === ONLY)) return null;
  return { at: Number(id.split("-")[0]), type: update.type, bad: update.status === "failed", ...worded(update) };
}

/** @param {any} update @returns {{title: string, more: string}} */
function worded(update) {
  const again = update.attempt > 1 ? `try ${update.attempt}` : "";
  if (update.type === "created") return { title: "Accepted", more: "" };
  if (update.type === "step") return { title: `${words(update.step)}: ${update.state}`, more: "" };
  if (update.type === "item") return { title: update.item?.name ?? update.item?.title ?? `Item ${update.index + 1}`, more: [ONLY, undefined].includes(update.step) ? "" : words(update.step) };
  if (update.type === "done") return { title: words(statusWord(update.status)), more: update.message };
  return { title: words(update.phase ?? statusWord(update.status)), more: [update.message, again].filter(Boolean).join(" · ") };
}

/** @param {{job: any, type: any}} given */
export function Timeline({ job }) {
  const [moments, setMoments] = useState(/** @type {Moment[]|null} */ (null));
  useEffect(() => {
    const stop = new AbortController();
    const first = { at: Date.parse(job.created_at), type: "created", bad: false, ...worded({ type: "created" }) };
    void gather(job.id, stop.signal, (moments) => setMoments([first, ...moments]));
    return () => stop.abort();
  }, [job.id]);
  if (!moments) return html`<p class="soft">Asking…</p>`;
  const begin = moments[0].at;
  return html`<ol class="timeline">${moments.slice(-MOST).map((one, i, all) => html`<li key=${i} class=${`${one.type}${one.bad ? " bad" : ""}`}>
    <time datetime=${new Date(one.at).toISOString()} title=${new Date(one.at).toLocaleString()}>${i ? `+${duration((one.at - begin) / 1000)}` : new Date(one.at).toLocaleTimeString()}</time>
    <div><b>${one.title}</b>${one.more && html`<span class="soft"> ${one.more}</span>`}${gap(all, i)}</div></li>`)}</ol>`;
}

/** @param {Moment[]} all @param {number} i */
function gap(all, i) {
  const next = all[i + 1];
  return next && next.at - all[i].at > 5000 ? html`<span class="gap">${duration((next.at - all[i].at) / 1000)}</span>` : null;
}

/** Reads all that is held, then what comes. @param {string} id @param {AbortSignal} signal @param {(moments: Moment[]) => void} show */
async function gather(id, signal, show) {
  /** @type {Moment[]} */
  let moments = [];
  let timer = 0;
  const onEvent = (/** @type {any} */ update, /** @type {string|undefined} */ event) => {
    const one = event ? moment(update, event) : null;
    if (one) moments = [...moments, one];
    timer ||= requestAnimationFrame(() => ((timer = 0), signal.aborted || show(moments)));
  };
  const path = `/jobs/${encodeURIComponent(id)}/events?starting_after=1&deltas=0`;
  await readStream(client.http, path, { signal, onEvent });
  if (!signal.aborted) show(moments);
}
