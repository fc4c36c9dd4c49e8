// Submits a job and opens it.
import { client } from "../lib/api.js";
import { confirmCost } from "../money/confirm-cost.js";
import { go } from "../lib/router.js";
import { announceEnd } from "./own-jobs.js";

/**
 * Submits; asks for confirmation where the server requires it.
 * @param {import("../lib/types.js").NewJob} body
 */
export const submit = (body) => client.start(body, { onConfirmCost: confirmCost, follow: false });

/** Opens the job once the server has it. @param {import("../lib/types.js").JobHandle} handle */
export async function openSubmitted(handle) {
  await handle.sent;
  go({ job: handle.id ?? "", newType: null });
  announceEnd(handle);
}
