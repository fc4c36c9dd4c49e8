/**
 * Event streams that the tabs of a browser share: the tab with the lock reads and sends the events
 * to the others over a channel. At most three are open, as browsers allow six connections.
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
    /** Whether a stream of this sort may be opened now. */
    /** @param {string} sort */
    allowed(sort: string): boolean;
    /**
     * Reads a stream, or listens to the tab that does, until the job must be read.
     * @param {string} sort "job" or "feed"
     * @param {string} path
     * @param {{lastId?: string, event: (update: any, id?: string) => void, shared?: () => any,
     *   adopt?: (shown: any) => void}} sink
     * @param {AbortSignal} signal
     * @returns {Promise<boolean>} false when streams do not work: poll instead.
     */
    share(sort: string, path: string, sink: {
        lastId?: string;
        event: (update: any, id?: string) => void;
        shared?: () => any;
        adopt?: (shown: any) => void;
    }, signal: AbortSignal): Promise<boolean>;
    #private;
}
