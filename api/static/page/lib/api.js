// Every request of the page. The client handles idempotency keys, lost answers and the network.
import { createJobsClient, Refused } from "../../client/index.js";

/** Called when the server demands a credential. @type {Set<() => void>} */
export const unauthorizedListeners = new Set();

export const client = createJobsClient({
  token(refresh) {
    if (refresh) for (const listener of unauthorizedListeners) listener();
    return null; // the cookie of the session is the credential
  },
});
export { Refused };

/** The whole address of a path of the api. @param {string} path */
export const address = (path) => location.origin + client.http.baseUrl + path;

/**
 * @param {string} path
 * @param {{method?: string, body?: unknown}} [options]
 * @returns {Promise<any>} The body of the answer.
 */
async function request(path, { method = "GET", body } = {}) {
  return (await client.http.send(method, path, { body })).body;
}

const jobPath = (/** @type {string} */ id) => `/jobs/${encodeURIComponent(id)}`;

/** @returns {Promise<import("./types.js").JobType[]>} */
export const jobTypes = async () => (await request("/job-types")).job_types;
/** @returns {Promise<import("./types.js").Stats>} */
export const stats = () => request("/jobs/stats");
/** @returns {Promise<{budgets: import("./types.js").Budget[]}>} */
export const budgets = () => request("/budgets");
/** @param {string} by @returns {Promise<import("./types.js").Usage>} */
export const usage = (by) => request(`/usage?group_by=${encodeURIComponent(by)}`);
/**
 * @param {import("./types.js").NewJob} body
 * @returns {Promise<import("./types.js").EstimateReply>}
 */
export const estimate = (body) => request("/jobs/estimate", { method: "POST", body });
/** @param {string} id @returns {Promise<{calls: import("./types.js").LedgerCall[]}>} */
export const calls = (id) => request(`${jobPath(id)}/calls`);
/**
 * The fields that the job's event stream does not carry.
 * @param {string} id
 * @returns {Promise<Pick<import("./types.js").Job, "status"|"progress_detail"|"waiting">>}
 */
export const outlook = (id) => request(`${jobPath(id)}?fields=status,progress_detail,waiting`);
/** @param {string} id @returns {Promise<Record<string, unknown>>} */
export const payload = async (id) => (await request(`${jobPath(id)}?include=payload`)).payload;
/** @param {string} id @returns {Promise<import("./types.js").RetryPlan>} */
export const retryPlan = (id) => request(`${jobPath(id)}/retry?dry_run=true`, { method: "POST" });
/** @param {string} id */
export const remove = (id) => request(jobPath(id), { method: "DELETE" });

const keyPath = (/** @type {string} */ id) => `/keys/${encodeURIComponent(id)}`;
/** @returns {Promise<import("./types.js").Key[]>} */
export const apiKeys = async () => (await request("/keys")).keys;
/** @param {object} body @returns {Promise<import("./types.js").NewKey>} */
export const createKey = (body) => request("/keys", { method: "POST", body });
/** @param {string} id @returns {Promise<import("./types.js").NewKey>} */
export const rotateKey = (id) => request(`${keyPath(id)}/rotate`, { method: "POST" });
/** @param {string} id @returns {Promise<import("./types.js").Key>} */
export const revokeKey = (id) => request(`${keyPath(id)}/revoke`, { method: "POST" });

/** @typedef {import("./types.js").QueueState["paused"]} Pauses */
/** @returns {Promise<import("./types.js").QueueState>} */
export const queue = () => request("/queue");
/** @param {object} body @returns {Promise<Pauses>} */
export const pauseQueue = async (body) =>
  (await request("/queue/pause", { method: "POST", body })).paused;
/** @param {object} body @returns {Promise<Pauses>} */
export const resumeQueue = async (body) =>
  (await request("/queue/resume", { method: "POST", body })).paused;

/** @returns {Promise<import("./types.js").SystemState>} */
export const checks = () => request("/system");
