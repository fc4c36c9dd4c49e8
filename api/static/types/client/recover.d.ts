/**
 * Finds the jobs of this user: those that this browser submitted, and those of the session.
 * @param {import("./client.js").JobsClient} client
 * @param {{sessionId?: string}} which
 */
export function recover(client: import("./client.js").JobsClient, { sessionId }: {
    sessionId?: string;
}): Promise<{
    resumed: import("./handle.js").JobHandle<any>[];
    completedWhileAway: import("./handle.js").JobHandle<any>[];
    unsure: import("./handle.js").JobHandle<any>[];
}>;
