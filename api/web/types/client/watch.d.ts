/** Follows one job until the server says that it has ended: looks, then streams or sleeps. */
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
    deaf: boolean;
    holeAt: number;
    path: string;
    run(): Promise<void>;
    /** Asks for the job. Many who ask at once share one request. */
    look(): Promise<void>;
    #private;
}
