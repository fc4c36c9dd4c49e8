// Loresmith's browser client: asks for jobs, follows them, and loses none. docs/browser.md
import { JobsClient } from "./client/client.js";

export { JobsClient } from "./client/client.js";
export { JobHandle, isTerminal } from "./client/handle.js";
export {
  JobCancelled, JobEnded, JobExpired, JobFailed, LoresmithError, NoAnswer, Refused, Unsure,
} from "./client/errors.js";

/**
 * @typedef {import("./client/types.js").Job} Job
 * @typedef {import("./client/types.js").NewJob} NewJob
 * @typedef {import("./client/types.js").Snapshot} Snapshot
 * @typedef {import("./client/types.js").Update} Update
 * @typedef {import("./client/types.js").ClientOptions} ClientOptions
 * @typedef {import("./client/types.js").SubmitOptions} SubmitOptions
 */

/**
 * A client for one user. Make one for a page, and `recover()` when the page opens.
 * @param {import("./client/types.js").ClientOptions} [options]
 */
export const createJobsClient = (options) => new JobsClient(options);
