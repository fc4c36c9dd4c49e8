import { LoresmithError, NoAnswer, Refused } from "./errors.js";

/**
 * Sends an intent until the server accepts or refuses it, always with the same key.
 * @param {import("./client.js").JobsClient} client
 * @param {import("./handle.js").JobHandle} handle
 * @param {import("./types.js").NewJob} body
 * @param {import("./types.js").SubmitOptions} options
 */
export async function deliver(client, handle, body, options) {
  const key = /** @type {string} */ (handle.key);
  const headers = { "Idempotency-Key": key };
  for (let failures = 0; ; ) {
    if (client.closed) throw new LoresmithError("The client was closed");
    handle.set({
      connection: failures && handle.state.connection === "uncertain" ? "uncertain" : "sending",
    });
    try {
      const { body: job } = await client.http.send("POST", "/jobs", { body, headers });
      return client.acknowledged(handle, job);
    } catch (error) {
      if (!(error instanceof LoresmithError)) throw error;
      const confirmed = await confirm(error, body, options);
      if (confirmed) client.records.rewrite(key, (body = confirmed));
      else await again(client, handle, error, (failures += 1));
    }
  }
}

/** Waits before the next try. Throws a definite refusal of the server. */
/** @param {import("./client.js").JobsClient} client @param {import("./handle.js").JobHandle} handle
 *  @param {LoresmithError} error @param {number} failures */
async function again(client, handle, error, failures) {
  const refused = error instanceof Refused ? error : null;
  if (refused?.definite || (refused && !refused.uncertain && handle.cancelRequested)) {
    client.refused(handle, refused);
    throw refused;
  }
  if (!refused || refused.uncertain) handle.set({ connection: "uncertain" });
  if (error instanceof NoAnswer) handle.set({ since: handle.state.since ?? client.env.now() });
  const wait = refused?.retryAfterMs ?? client.network.delay(failures);
  const signal = client.closing.signal;
  await client.network.sleep(wait, { fixed: refused?.retryAfterMs !== undefined, signal });
}

/**
 * The body with the confirmed cost, or the chosen alternative, if the server requires confirmation
 * and the user gave it.
 * @param {LoresmithError} error
 * @param {import("./types.js").NewJob} body
 * @param {import("./types.js").SubmitOptions} options
 */
async function confirm(error, body, { onConfirmCost }) {
  const needsConfirmation = error instanceof Refused && error.code === "cost-confirmation-required";
  if (!needsConfirmation || !onConfirmCost) return null;
  const { estimate, alternatives = [] } = error.problem;
  const answer = await onConfirmCost(estimate, alternatives);
  if (!answer) return null;
  const { change, cost } = answer === true ? { change: {}, cost: estimate.cost } : answer;
  const payload = { ...body.payload, ...Object(change.payload) };
  const confirmed = { ...Object(change.options), confirm_cost: cost.max };
  return { ...body, payload, options: { ...body.options, ...confirmed } };
}
