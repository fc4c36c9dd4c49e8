/** The events of all jobs of the user, from one stream that the tabs share. */
export class Feed {
    /** @param {import("./client.js").JobsClient} client */
    constructor(client: import("./client.js").JobsClient);
    client: import("./client.js").JobsClient;
    listeners: {
        add(listener: (value: any) => void): () => void;
        notify(value: any): void;
        readonly size: number;
    };
    /** @type {AbortController|null} */
    stop: AbortController | null;
    /** @type {string|undefined} */
    lastId: string | undefined;
    /**
     * Calls back with each event, and with null when the list must be read again: after a gap, at a
     * wake-up, and at intervals where there is no stream.
     * @param {(update: import("./types.js").AllJobsEvent|null) => void} listener
     * @returns {() => void} stops listening
     */
    subscribe(listener: (update: import("./types.js").AllJobsEvent | null) => void): () => void;
    #private;
}
