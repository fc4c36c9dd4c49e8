/**
 * Sends an intent until the server accepts or refuses it, always with the same key.
 * @param {import("./client.js").JobsClient} client
 * @param {import("./handle.js").JobHandle} handle
 * @param {import("./types.js").NewJob} body
 * @param {import("./types.js").SubmitOptions} options
 */
export function deliver(client: import("./client.js").JobsClient, handle: import("./handle.js").JobHandle, body: import("./types.js").NewJob, options: import("./types.js").SubmitOptions): Promise<void>;
