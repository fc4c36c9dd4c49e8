/** Follows one job until it ends: reads it, then streams its events or waits. */
export class Watch {
    /**
     * @param {import("./handle.js").JobHandle} handle
     * @param {import("./client.js").JobsClient} client
     */
    constructor(handle: import("./handle.js").JobHandle, client: import("./client.js").JobsClient);
    handle: import("./handle.js").JobHandle<any>;
    client: import("./client.js").JobsClient;
    network: import("./network.js").Network;
    stop: AbortController;
    failures: number;
    /** @type {number|undefined} */
    retryAfterMs: number | undefined;
    /** @type {Promise<void>|null} */
    looking: Promise<void> | null;
    fixed: boolean;
    holeAt: number;
    path: string;
    run(): Promise<void>;
    /** Reads the job. Concurrent calls share one request. */
    look(): Promise<void>;
    #private;
}
