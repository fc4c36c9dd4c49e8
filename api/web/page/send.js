// From a request to its job on the page.
import { client } from "./api.js";
import { agreed } from "./cost.js";
import { go } from "./router.js";
import { mine } from "./toast.js";

/** Sends it, and asks about its price where the server wants that. @param {any} body */
export const start = (body) => client.start(body, { onConfirmCost: agreed, follow: false });

/** Shows the job, once the server has it. @param {any} handle */
export async function shown(handle) {
  await handle.sent;
  mine(handle);
  go({ job: handle.id ?? "", making: null });
}
