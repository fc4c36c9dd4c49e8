// All that the page asks the server. The client knows about keys, lost answers and the network.
import { createJobsClient, Refused } from "../loresmith.js";

export const client = createJobsClient();
export { Refused };

/** @param {string} path @param {{method?: string, body?: any}} [how] */
export async function ask(path, { method = "GET", body } = {}) {
  return (await client.http.send(method, path, { body })).body;
}

const at = (/** @type {string} */ id) => `/jobs/${encodeURIComponent(id)}`;

/** @returns {Promise<any[]>} */
export const jobTypes = async () => (await ask("/job-types")).job_types;
export const stats = () => ask("/jobs/stats");
export const budgets = () => ask("/budgets");
/** @param {string} by */
export const usage = (by) => ask(`/usage?group_by=${encodeURIComponent(by)}`);
/** @param {any} wanted */
export const estimate = (wanted) => ask("/jobs/estimate", { method: "POST", body: wanted });
/** @param {string} id */
export const calls = (id) => ask(`${at(id)}/calls`);
/** What the stream of a job does not tell. @param {string} id */
export const outlook = (id) => ask(`${at(id)}?fields=status,progress_detail,waiting`);
/** @param {string} id */
export const payload = async (id) => (await ask(`${at(id)}?include=payload`)).payload;
/** @param {string} id */
export const retryPlan = (id) => ask(`${at(id)}/retry?dry_run=true`, { method: "POST" });
/** @param {string} id */
export const remove = (id) => ask(at(id), { method: "DELETE" });

/** What each check says; also when the server is not ready, which is a 503 with the same body. */
export async function checks() {
  try {
    return await ask("/readyz");
  } catch (error) {
    if (error instanceof Refused && error.problem.checks) return error.problem;
    throw error;
  }
}
