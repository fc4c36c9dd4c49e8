/** All updates of all of the user's jobs, over the one stream that the tabs share. */
export class Feed {
    /** @param {import("./client.js").JobsClient} client */
    constructor(client: import("./client.js").JobsClient);
    client: import("./client.js").JobsClient;
    told: {
        add(listener: (value: any) => void): () => void;
        tell(value: any): void;
        readonly size: number;
    };
    /** @type {AbortController|null} */
    stop: AbortController | null;
    /** @type {string|undefined} */
    lastId: string | undefined;
    /**
     * Calls back with each update, and with null when it is time to read the list again: where
     * there is no stream, now and then; after a gap; at a wake-up.
     * @param {(update: import("./types.js").Update|null) => void} listener
     * @returns {() => void} stops listening
     */
    subscribe(listener: (update: import("./types.js").Update | null) => void): () => void;
    #private;
}
