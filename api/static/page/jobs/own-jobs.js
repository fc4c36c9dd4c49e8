// The jobs that this browser submitted: their ends are announced, also after a reload.
import { client } from "../lib/api.js";
import { go, isOpen } from "../lib/router.js";
import { plural, statusWord, words } from "../lib/text.js";
import { showToast } from "../ui/toasts.js";
import { eventListeners } from "./job-list.js";

/** @typedef {import("../lib/types.js").Job} Job */
/** @typedef {import("../lib/types.js").JobHandle} JobHandle */

/** By id, until they end. @type {Map<string, JobHandle>} */
const own = new Map();

/** Announces the end of a job, unless its panel is on the screen. @param {JobHandle} handle */
export function announceEnd(handle) {
  if (!handle.id || own.has(handle.id)) return;
  own.set(handle.id, handle);
  if (!handle.over) return void handle.onFinish(announce);
  handle.done().catch(() => {}); // marks it as seen
  announce(handle.snapshot());
}

/** @param {{job: Job|null}} ended */
const announce = ({ job }) => void (job && !isOpen(job.id) && showToast(endOf(job)));

/** @param {string} id */
export const isOwn = (id) => own.has(id);

/** Only a read of the job ends its handle, so a "done" event of the feed makes the client read. */
eventListeners.add((event) => {
  if (event.type === "done" && own.has(event.job_id)) client.watch(event.job_id);
});

/** Resumes the jobs of earlier page loads, and announces those that ended meanwhile. */
export async function resumeOwnJobs() {
  const { resumed, completedWhileAway, unsure } = await client.recover();
  for (const handle of resumed) announceEnd(handle);
  const ended = completedWhileAway.filter(({ id }) => !isOpen(id));
  for (const handle of completedWhileAway) handle.done().catch(() => {});
  const [first] = ended.map((handle) => handle.snapshot().job);
  if (ended.length === 1 && first) showToast(endedWhileAway(first));
  if (ended.length > 1) {
    const action = { label: "Show", run: () => go({ view: "jobs", job: "", newType: null }) };
    const text = `${plural(ended.length, "job")} ended while you were away`;
    showToast({ key: "away", text, action });
  }
  if (unsure.length) showToast(UNCONFIRMED);
}

const UNCONFIRMED = {
  key: "unconfirmed",
  bad: true,
  text: "We could not confirm your last job. Check the list before submitting again.",
};

/** @param {Job} job */
const endOf = (job) => ({
  key: job.id,
  job: job.id,
  bad: job.status === "failed",
  text: `${words(job.type)}: ${statusWord(job.status)}`,
});

/** @param {Job} job */
const endedWhileAway = (job) => ({
  ...endOf(job),
  text: `While you were away: ${words(job.type)}, ${statusWord(job.status)}`,
});
