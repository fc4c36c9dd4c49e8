/**
 * Streams that the tabs of a browser share: the one that holds the lock reads, and tells the others
 * over a channel. At most three are open at once, as a browser allows six connections to a server.
 */
export class Streams {
    /**
     * @param {import("./http.js").Http} http
     * @param {import("./records.js").Records} records
     * @param {"auto"|"sse"|"poll"} transport
     */
    constructor(http: import("./http.js").Http, records: import("./records.js").Records, transport: "auto" | "sse" | "poll");
    http: import("./http.js").Http;
    env: import("./types.js").Env;
    network: import("./network.js").Network;
    records: import("./records.js").Records;
    transport: "auto" | "sse" | "poll";
    /** @type {Set<string>} */
    absent: Set<string>;
    tabs: boolean;
    /** Whether a stream of this sort is worth a try now. */
    /** @param {string} sort */
    allowed(sort: string): boolean;
    /**
     * Reads or listens to a stream until there is reason to look at the job itself.
     * @param {string} sort "job" or "feed"
     * @param {string} path
     * @param {{lastId?: string, event: (update: any, id?: string) => void, shared?: () => any,
     *   adopt?: (shown: any) => void}} sink
     * @param {AbortSignal} signal
     * @returns {Promise<boolean>} false when it was no use: poll instead.
     */
    share(sort: string, path: string, sink: {
        lastId?: string;
        event: (update: any, id?: string) => void;
        shared?: () => any;
        adopt?: (shown: any) => void;
    }, signal: AbortSignal): Promise<boolean>;
    #private;
}
