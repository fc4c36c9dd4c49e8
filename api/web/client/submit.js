import { LoresmithError, NoAnswer, Refused } from "./errors.js";

/**
 * Sends an intent until the server has it or surely will not. The key stays the same all the time.
 * @param {import("./client.js").JobsClient} client
 * @param {import("./handle.js").JobHandle} handle
 * @param {import("./types.js").NewJob} body
 * @param {import("./types.js").SubmitOptions} options
 */
export async function deliver(client, handle, body, options) {
  const headers = { "Idempotency-Key": /** @type {string} */ (handle.key) };
  for (let failures = 0; ; ) {
    if (client.closed) throw new LoresmithError("The client was closed");
    handle.set({ connection: failures && handle.state.connection === "uncertain" ? "uncertain" : "sending" });
    try {
      const { body: job } = await client.http.send("POST", "/jobs", { body, headers });
      return client.acknowledged(handle, job);
    } catch (error) {
      if (!(error instanceof LoresmithError)) throw error;
      const confirmed = await confirm(error, body, options);
      if (confirmed) body = confirmed;
      else await again(client, handle, error, (failures += 1));
    }
  }
}

/** Waits before the next try, or gives up with the server's definite no. */
/** @param {import("./client.js").JobsClient} client @param {import("./handle.js").JobHandle} handle
 *  @param {LoresmithError} error @param {number} failures */
async function again(client, handle, error, failures) {
  const refused = error instanceof Refused ? error : null;
  if (refused?.definite || (refused && !refused.uncertain && handle.cancelWanted)) {
    client.refused(handle, refused);
    throw refused;
  }
  if (!refused || refused.uncertain) handle.set({ connection: "uncertain" });
  if (error instanceof NoAnswer) handle.set({ since: handle.state.since ?? client.env.now() });
  const wait = refused?.retryAfterMs ?? client.network.delay(failures);
  const signal = client.closing.signal;
  await client.network.sleep(wait, { deaf: refused?.retryAfterMs !== undefined, signal });
}

/**
 * The body to send anew when the price was asked for and agreed to.
 * @param {LoresmithError} error
 * @param {import("./types.js").NewJob} body
 * @param {import("./types.js").SubmitOptions} options
 */
async function confirm(error, body, { onConfirmCost }) {
  if (!(error instanceof Refused) || error.status !== 428 || !onConfirmCost) return null;
  const { estimate, alternatives = [] } = error.problem;
  if (!(await onConfirmCost(estimate, alternatives))) return null;
  return { ...body, options: { ...body.options, confirm_cost: price(estimate) } };
}

/** The most that an estimate says, in its currency. @param {any} estimate */
function price(estimate) {
  const cost = estimate?.cost ?? estimate;
  return typeof cost === "object" ? (cost?.max ?? cost?.expected) : cost;
}
