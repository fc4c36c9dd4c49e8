// Formats numbers, times and names. Pure.
import { money } from "../../client/text.js";

export { money, words } from "../../client/text.js";

const STATUS_WORDS = { pending: "waiting", processing: "running", completed: "done" };

/** A status as the page shows it. @param {string} status */
export const statusWord = (status) => STATUS_WORDS[status] ?? status;

/** The end of an id: ids of the same second begin alike. @param {string} id */
export const shortId = (id) => String(id).slice(-6);

/** 95 → "1 min 35 s". @param {number|null|undefined} seconds */
export function duration(seconds) {
  if (seconds === null || seconds === undefined || Number.isNaN(seconds)) return "";
  if (seconds < 1) return seconds > 0 ? `${Math.max(1, Math.round(seconds * 1000))} ms` : "0 s";
  if (seconds < 10) return `${Math.round(seconds * 10) / 10} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min${whole % 60 ? ` ${whole % 60} s` : ""}`;
  const minutes = Math.floor((whole % 3600) / 60);
  return `${Math.floor(whole / 3600)} h${minutes ? ` ${minutes} min` : ""}`;
}

/** How long ago. @param {string|null|undefined} then RFC 3339 @param {number} now ms since 1970 */
export function ago(then, now) {
  const seconds = (now - Date.parse(then ?? "")) / 1000;
  if (Number.isNaN(seconds)) return "";
  if (seconds < 5) return "just now";
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/**
 * Seconds from one time to another, or null.
 * @param {string|null|undefined} from
 * @param {string|null|undefined} to
 */
export function between(from, to) {
  const seconds = (Date.parse(to ?? "") - Date.parse(from ?? "")) / 1000;
  return Number.isNaN(seconds) ? null : Math.max(0, seconds);
}

/**
 * The cost of a finished job; "up to" where the outcome of a call is unknown.
 * @param {import("./types.js").Cost} cost
 */
export const finalCost = ({ actual, state, currency, likely }) =>
  actual === null || actual === undefined
    ? ""
    : `${state === "upper_bound" ? "up to " : ""}${money(actual, currency)}${
        likely !== null && likely !== undefined && likely !== actual
          ? `, likely ${money(likely, currency)}`
          : ""
      }`;

/** 12345 → "12,345". @param {number|null|undefined} number */
export const count = (number) => Number(number ?? 0).toLocaleString("en");

/** "1 job", "3 jobs". @param {number} number @param {string} noun */
export const plural = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;

/**
 * The remaining time in words: an estimate, less the time since it was made.
 * @param {{p50: number, p90: number}|null|undefined} eta
 * @param {number} sinceMs ms since the estimate
 */
export function remainingTime(eta, sinceMs) {
  if (!eta) return "";
  const [low, high] = [eta.p50, eta.p90].map((s) => Math.max(0, Math.round(s - sinceMs / 1000)));
  if (high <= 1) return "almost done";
  return low <= 1 || low === high
    ? `less than ${duration(high)} left`
    : `about ${duration(low)} to ${duration(high)} left`;
}

/** A command for a POSIX shell. @param {string} method @param {string} url @param {any} [body] */
export function curl(method, url, body) {
  const verb = method === "GET" ? "" : ` -X ${method}`;
  const quoted = (/** @type {string} */ text) => `'${text.replaceAll("'", `'\\''`)}'`;
  const head = `curl${verb} ${quoted(url)}`;
  return body === undefined
    ? head
    : `${head} \\\n  -H 'Content-Type: application/json' \\\n  -d ${quoted(JSON.stringify(body))}`;
}
