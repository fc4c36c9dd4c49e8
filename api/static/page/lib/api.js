// Every request of the page. The client handles idempotency keys, lost answers and the network.
import { createJobsClient, Refused } from "../../client/index.js";

export const client = createJobsClient();
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

/** @returns {Promise<import("./types.js").SystemState>} */
export const checks = () => request("/system");
