/**
 * Sends an intent until the server has it or surely will not. The key stays the same all the time.
 * @param {import("./client.js").JobsClient} client
 * @param {import("./handle.js").JobHandle} handle
 * @param {import("./types.js").NewJob} body
 * @param {import("./types.js").SubmitOptions} options
 */
export function deliver(client: import("./client.js").JobsClient, handle: import("./handle.js").JobHandle, body: import("./types.js").NewJob, options: import("./types.js").SubmitOptions): Promise<void>;
