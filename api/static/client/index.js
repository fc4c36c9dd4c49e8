// Loresmith's browser client: submits jobs and follows them. docs/browser.md
import { JobsClient } from "./client.js";

export { JobsClient } from "./client.js";
export { JobHandle, isTerminal } from "./handle.js";
export {
  JobCancelled,
  JobEnded,
  JobExpired,
  JobFailed,
  LoresmithError,
  NoAnswer,
  Refused,
  Unsure,
} from "./errors.js";

/** @template [R=unknown] @typedef {import("./types.js").Job<R>} Job */
/** @template [R=unknown] @typedef {import("./types.js").Snapshot<R>} Snapshot */
/** @template {string} [T=string] @typedef {import("./types.js").NewJob<T>} NewJob */
/**
 * @typedef {import("./types.js").AllJobsEvent} AllJobsEvent
 * @typedef {import("./types.js").Alternative} Alternative
 * @typedef {import("./types.js").ClientOptions} ClientOptions
 * @typedef {import("./types.js").Estimate} Estimate
 * @typedef {import("./types.js").JobEvent} JobEvent
 * @typedef {import("./types.js").Results} Results
 * @typedef {import("./types.js").Schemas} Schemas
 * @typedef {import("./types.js").SubmitOptions} SubmitOptions
 */

/**
 * Creates a client for one user. Create one per page, and call `recover()` when the page opens.
 * @param {import("./types.js").ClientOptions} [options]
 * @returns {import("./client.js").JobsClient}
 */
export const createJobsClient = (options) => new JobsClient(options);
