export function isTerminal(job: {
    status: string;
} | null | undefined): boolean;
/**
 * One job as this page sees it, from the wish to the result.
 * @template {any} [R=any]
 */
export class JobHandle<R extends unknown = any> {
    /**
     * @param {import("./client.js").JobsClient} client
     * @param {{key?: string, id?: string}} names
     */
    constructor(client: import("./client.js").JobsClient, { key, id }: {
        key?: string;
        id?: string;
    });
    client: import("./client.js").JobsClient;
    key: string | null;
    /** @type {string|null} */
    id: string | null;
    partial: Partial;
    changes: {
        add(listener: (value: any) => void): () => void;
        tell(value: any): void;
        readonly size: number;
    };
    updates: {
        add(listener: (value: any) => void): () => void;
        tell(value: any): void;
        readonly size: number;
    };
    finishes: {
        add(listener: (value: any) => void): () => void;
        tell(value: any): void;
        readonly size: number;
    };
    /** @type {number|undefined} Own polling interval, ms. */
    interval: number | undefined;
    /** @type {string|undefined} */
    lastId: string | undefined;
    seq: number;
    /** @type {string|null} */
    etag: string | null;
    announced: string;
    cancelWanted: boolean;
    /** Whether nobody asked to watch it. */
    quiet: boolean;
    /** @type {Watch|null} */
    watch: Watch | null;
    /** @type {import("./types.js").Snapshot} */
    state: import("./types.js").Snapshot;
    /** @type {Promise<this>} Settles when the server has, or refuses, the job. */
    sent: Promise<this>;
    /** @returns {import("./types.js").Snapshot} The same object until something changes. */
    snapshot: () => import("./types.js").Snapshot;
    /** @param {(state: import("./types.js").Snapshot) => void} listener */
    subscribe: (listener: (state: import("./types.js").Snapshot) => void) => () => void;
    /** Calls back once when the job ends; not for an end that was told before. */
    /** @param {(state: import("./types.js").Snapshot) => void} listener */
    onFinish: (listener: (state: import("./types.js").Snapshot) => void) => () => void;
    /** Whether nothing more will come. */
    get over(): boolean;
    /**
     * The completed job. Raises JobFailed, JobCancelled, JobExpired or Refused; never because of
     * the network.
     * @returns {Promise<import("./types.js").Job<R>>}
     */
    done(): Promise<import("./types.js").Job<R>>;
    /** Every update of the server, then the end. `break` to stop listening; the job goes on. */
    events(): AsyncGenerator<import("./types.js").Update, void, unknown>;
    /** Cancels the job: the only thing that does. Before it has an id, as soon as it has one. */
    /** @param {string} [reason] */
    cancel(reason?: string): Promise<void>;
    /** Runs a failed or cancelled job again; what is paid for is not bought twice. */
    /** @param {{accept_duplicate_charge?: boolean}} [options] */
    retry(options?: {
        accept_duplicate_charge?: boolean;
    }): Promise<void>;
    /** Stops watching in this page. The job goes on, and is found again at the next visit. */
    detach(): void;
    /** Stops watching when nobody listens any more; `follow` goes on. */
    rest(): void;
    /** Watches, unless it does or there is nothing to see. */
    follow(): void;
    /** A snapshot that the server sent. Older ones than known are ignored. */
    /** @param {import("./types.js").Job} job @param {string|null} [etag] */
    accept(job: import("./types.js").Job, etag?: string | null): void;
    /** An update of a stream: moves the bar and the text. Returns false when one is missing. */
    /** @param {import("./types.js").Update} update @param {string} [id] */
    update(update: import("./types.js").Update, id?: string): boolean;
    /** @param {any} shown What another tab has. */
    adopt(shown: any): void;
    pause(): void;
    resume(): void;
    /** The server has no such job (any more), or will not take it. */
    /** @param {Refused} error */
    lose(error: Refused): void;
    /** @param {Record<string, any>} change */
    set(change: Record<string, any>): void;
    #private;
}
import { Partial } from "./partial.js";
import { Watch } from "./watch.js";
import { Refused } from "./errors.js";
