// Small notes at the edge: jobs that ended while nobody looked, and what can still be undone.
import { html, useStore } from "./html.js";
import { client, remove } from "./api.js";
import { hide, onUpdate, refreshSoon } from "./jobs.js";
import { go, route, to } from "./router.js";
import { store } from "./store.js";
import { many, statusWord, words } from "./text.js";

const NOTE_MS = 12_000;
const UNDO_MS = 6000;

/** @typedef {{key: string, text: string, job?: string, act?: {word: string, run: () => void}, bad?: boolean}} Note */
/** @type {ReturnType<typeof store<{all: Note[]}>>} */
const notes = store({ all: [] });

/** @param {Note} note @param {number} [ms] */
export function say(note, ms = NOTE_MS) {
  notes.set({ all: [...notes.get().all.filter(({ key }) => key !== note.key), note].slice(-4) });
  setTimeout(() => unsay(note.key), ms);
}

/** @param {string} key */
const unsay = (key) => notes.set({ all: notes.get().all.filter((note) => note.key !== key) });

export function Toasts() {
  const { all } = useStore(notes);
  return html`<div class="toasts" role="status" aria-live="polite">
    ${all.map((note) => html`<div class=${`toast${note.bad ? " bad" : ""}`} key=${note.key}>
      <span>${note.text}</span>
      ${note.job && html`<a ...${to({ view: "jobs", job: note.job, tab: "", making: null })}>Look</a>`}
      ${note.act && html`<button class="small" onClick=${() => (note.act?.run(), unsay(note.key))}>${note.act.word}</button>`}
      <button class="small" aria-label="Dismiss" onClick=${() => unsay(note.key)}>✕</button></div>`)}
  </div>`;
}

/** Jobs that this browser asked for, until they end. @type {Map<string, any>} */
const own = new Map();

/** Tells the end of a job of one's own, unless it is being looked at. @param {any} handle */
export function mine(handle) {
  if (!handle.id || own.has(handle.id)) return;
  own.set(handle.id, handle);
  if (handle.over) return void handle.done().catch(() => {}); // ended before its answer came through
  handle.onFinish(({ job }) => job && route.get().job !== job.id && say(told(job)));
}

/** Whether its handle must be kept. @param {string} id */
export const isMine = (id) => own.has(id);

/** The stream of all jobs says that one has ended; only a look is the truth. */
onUpdate.add((update) => {
  if (update.type === "done" && own.has(update.job_id)) client.watch(update.job_id);
});

/** @param {any} job @returns {Note} */
const told = (job) => ({ key: job.id, job: job.id, bad: job.status === "failed", text: `${words(job.type)}: ${statusWord(job.status)}` });

/** Finds again what was asked for before the page was closed. */
export async function welcomeBack() {
  const { resumed, completedWhileAway, unsure } = await client.recover();
  for (const handle of resumed) mine(handle);
  const ended = completedWhileAway.filter(({ id }) => id !== route.get().job);
  for (const handle of completedWhileAway) handle.done().catch(() => {});
  if (ended.length === 1) say(away(ended[0].snapshot().job));
  if (ended.length > 1) {
    const act = { word: "Show", run: () => go({ view: "jobs", job: "", making: null }) };
    say({ key: "away", text: `${many(ended.length, "job")} ended while you were away`, act });
  }
  if (unsure.length) say({ key: "unsure", bad: true, text: "A job was asked for and no answer came; look whether it is in the list before you ask again." });
}

/** @param {any} job @returns {Note} */
const away = (job) => ({ ...told(job), text: `While you were away: ${words(job.type)}, ${statusWord(job.status)}` });

/** Deletes a job, unless it is undone in time. @param {any} job */
export function removeSoon(job) {
  hide(job.id, true);
  go({ job: "" });
  const timer = setTimeout(() => void removed(job), UNDO_MS);
  const undo = () => (clearTimeout(timer), hide(job.id, false));
  say({ key: `del-${job.id}`, text: `Deleted: ${words(job.type)}, with its result`, act: { word: "Undo", run: undo } }, UNDO_MS);
}

/** @param {any} job */
async function removed(job) {
  try {
    await remove(job.id);
  } catch (error) {
    hide(job.id, false);
    say({ key: job.id, bad: true, text: `Not deleted: ${error instanceof Error ? error.message : error}` });
  }
  refreshSoon();
}
