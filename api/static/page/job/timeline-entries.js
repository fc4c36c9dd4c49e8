// The events of a job as lines of its timeline. Pure.
import { statusWord, words } from "../lib/text.js";

/** The step of a job type that has only one; it is not named. */
const ONLY_STEP = "generate";

/** @typedef {import("../lib/types.js").JobEvent} JobEvent */
/** @typedef {{at: number, type: string, title: string, detail: string, bad: boolean}} Entry */

/** The title and the detail of an event, by its type. Other types are not shown. */
const TEXTS = {
  created: (/** @type {any} */ { by }) => ["Accepted", who(by)],
  status: (/** @type {any} */ { phase, status, message, attempt, cancel_reason, by }) => [
    words(phase ?? statusWord(status)),
    [message, cancel_reason, who(by), attempt > 1 ? `attempt ${attempt}` : ""]
      .filter(Boolean)
      .join(" · "),
  ],
  step: (/** @type {any} */ { step, state }) => [`${words(step)}: ${state}`, ""],
  item: (/** @type {any} */ { item, index, step }) => [
    item?.name ?? item?.title ?? `Item ${index + 1}`,
    step && step !== ONLY_STEP ? words(step) : "",
  ],
  done: (/** @type {any} */ { status, message, cancel_reason, by }) => [
    words(statusWord(status)),
    [message, cancel_reason, who(by)].filter(Boolean).join(" · "),
  ],
};

/** Who created, cancelled or retried the job, as "by key:4fQ2 (ci)"; empty for other events.
 * @param {string|null|undefined} by */
function who(by) {
  return by ? `by ${by}` : "";
}

/**
 * @param {JobEvent} event
 * @param {string} id The id of the event, which begins with its time in ms.
 * @returns {Entry|null}
 */
export function toEntry(event, id) {
  const texts = TEXTS[event.type];
  if (!texts || (event.type === "step" && event.step === ONLY_STEP)) return null;
  const [title, detail] = texts(event);
  const bad = "status" in event && event.status === "failed";
  return { at: Number(id.split("-")[0]), type: event.type, title, detail, bad };
}
