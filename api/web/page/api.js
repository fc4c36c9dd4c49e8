// All that the page asks the server. The client knows about keys, lost answers and the network.
import { createJobsClient, Refused } from "../loresmith.js";

export const client = createJobsClient();
export { Refused };

/** Routes of this server, as its page says; none when somebody else served the page. */
const routes = (globalThis.document?.querySelector("meta[name=routes]")?.getAttribute("content") || "").split(",");

/** Routes that this server has said it does not have. @type {Set<string>} */
const absent = new Set();
const MISSING = [404, 405, 501];

/** @param {string} path @param {{method?: string, body?: any}} [how] */
export async function ask(path, { method = "GET", body } = {}) {
  return (await client.http.send(method, path, { body })).body;
}

/** An answer, or null where this server has no such route. @param {string} route @param {string} path @param {any} [how] */
export async function perhaps(route, path, how) {
  if (absent.has(route) || (routes.length > 1 && !routes.includes(route))) return null;
  try {
    return await ask(path, how);
  } catch (error) {
    if (!(error instanceof Refused) || !MISSING.includes(error.status)) throw error;
    if (error.code !== "job-not-found") absent.add(route);
    return null;
  }
}

const at = (/** @type {string} */ id) => `/jobs/${encodeURIComponent(id)}`;

/** @returns {Promise<any[]>} */
export const jobTypes = async () => (await ask("/job-types")).job_types;
export const stats = () => perhaps("GET /jobs/stats", "/jobs/stats");
export const budgets = () => perhaps("GET /budgets", "/budgets");
/** @param {string} by */
export const usage = (by) => perhaps("GET /usage", `/usage?group_by=${encodeURIComponent(by)}`);
/** @param {any} wanted */
export const estimate = (wanted) => perhaps("POST /jobs/estimate", "/jobs/estimate", { method: "POST", body: wanted });
/** @param {string} id */
export const calls = (id) => perhaps("GET /jobs/{id}/calls", `${at(id)}/calls`);
/** What the stream of a job does not tell. @param {string} id */
export const outlook = (id) => ask(`${at(id)}?fields=status,progress_detail,waiting`);
/** @param {string} id */
export const payload = async (id) => (await ask(`${at(id)}?include=payload`)).payload;
/** @param {string} id */
export const retryPlan = (id) => perhaps("POST /jobs/{id}/retry", `${at(id)}/retry?dry_run=true`, { method: "POST" });
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
