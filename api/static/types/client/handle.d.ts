export function isTerminal(job: {
    status: string;
} | null | undefined): boolean;
/**
 * One job in this page, from its submission to its result.
 * @template [R=unknown]
 */
export class JobHandle<R = unknown> {
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
        notify(value: any): void;
        readonly size: number;
    };
    updates: {
        add(listener: (value: any) => void): () => void;
        notify(value: any): void;
        readonly size: number;
    };
    finishes: {
        add(listener: (value: any) => void): () => void;
        notify(value: any): void;
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
    cancelRequested: boolean;
    /** Whether it was submitted without following it. */
    quiet: boolean;
    /** @type {Watch|null} */
    watch: Watch | null;
    /** @type {import("./types.js").Snapshot<R>} */
    state: import("./types.js").Snapshot<R>;
    /** @type {Promise<this>} Settles when the server has, or refuses, the job. */
    sent: Promise<this>;
    /** @returns {import("./types.js").Snapshot<R>} The same object until something changes. */
    snapshot: () => import("./types.js").Snapshot<R>;
    /** @param {(state: import("./types.js").Snapshot<R>) => void} listener */
    subscribe: (listener: (state: import("./types.js").Snapshot<R>) => void) => () => void;
    /** Calls back once when the job ends, not for an end that was announced before. */
    /** @param {(state: import("./types.js").Snapshot<R>) => void} listener */
    onFinish: (listener: (state: import("./types.js").Snapshot<R>) => void) => () => void;
    /** Whether the job has ended or is lost. */
    get over(): boolean;
    /**
     * The completed job. Raises JobFailed, JobCancelled, JobExpired or Refused; never because of
     * the network.
     * @returns {Promise<import("./types.js").Job<R> & {result: R}>}
     */
    done(): Promise<import("./types.js").Job<R> & {
        result: R;
    }>;
    /** Yields every event of the job until its end. `break` stops listening, not the job. */
    events(): AsyncGenerator<{
        attempt: number;
        by: string | null;
        job_id: string;
        message: string;
        phase: string | null;
        progress: number;
        seq: number;
        source: import("./api.js").components["schemas"]["ProgressSource"];
        status: import("./api.js").components["schemas"]["Status"];
        type: "created";
    } | {
        attempt: number;
        by: string | null;
        cancel_reason: string | null;
        job_id: string;
        message: string;
        phase: string | null;
        progress: number;
        seq: number;
        source: import("./api.js").components["schemas"]["ProgressSource"];
        status: import("./api.js").components["schemas"]["Status"];
        type: "status";
    } | {
        attempt: number;
        job_id: string;
        message: string;
        phase: string | null;
        progress: number;
        seq: number;
        source: import("./api.js").components["schemas"]["ProgressSource"];
        status: import("./api.js").components["schemas"]["Status"];
        type: "progress";
    } | {
        attempt: number;
        job_id: string;
        message: string;
        offset: number;
        phase: string | null;
        progress: number;
        seq: number;
        source: import("./api.js").components["schemas"]["ProgressSource"];
        status: import("./api.js").components["schemas"]["Status"];
        step: string;
        text: string;
        type: "delta";
    } | {
        attempt: number;
        index: number;
        item: unknown;
        job_id: string;
        message: string;
        phase: string | null;
        progress: number;
        seq: number;
        source: import("./api.js").components["schemas"]["ProgressSource"];
        status: import("./api.js").components["schemas"]["Status"];
        step: string;
        type: "item";
    } | {
        attempt: number;
        job_id: string;
        message: string;
        phase: string | null;
        progress: number;
        seq: number;
        source: import("./api.js").components["schemas"]["ProgressSource"];
        state: string;
        status: import("./api.js").components["schemas"]["Status"];
        step: string;
        type: "step";
    } | {
        attempt: number;
        job_id: string;
        message: string;
        phase: string | null;
        progress: number;
        seq: number;
        source: import("./api.js").components["schemas"]["ProgressSource"];
        status: import("./api.js").components["schemas"]["Status"];
        step: string;
        type: "usage";
        usage: import("./api.js").components["schemas"]["TokenUsage"];
    } | {
        attempt: number;
        cost: import("./api.js").components["schemas"]["CostSoFar"];
        job_id: string;
        message: string;
        phase: string | null;
        progress: number;
        seq: number;
        source: import("./api.js").components["schemas"]["ProgressSource"];
        status: import("./api.js").components["schemas"]["Status"];
        step: string;
        type: "cost";
    } | {
        attempt: number;
        by: string | null;
        cancel_reason: string | null;
        job_id: string;
        message: string;
        phase: string | null;
        progress: number;
        seq: number;
        source: import("./api.js").components["schemas"]["ProgressSource"];
        status: import("./api.js").components["schemas"]["Status"];
        type: "done";
    } | {
        job_id?: string | null;
        type: "reset";
    } | {
        job: {
            [key: string]: unknown;
        };
        job_id: string;
        seq: number;
        type: "snapshot";
    }, void, unknown>;
    /** Cancels the job; before it has an id, as soon as it has one. Nothing else cancels it. */
    /** @param {string} [reason] */
    cancel(reason?: string): Promise<void>;
    /** Retries a failed or cancelled job. Finished steps are reused. */
    /** @param {{accept_duplicate_charge?: boolean}} [options] */
    retry(options?: {
        accept_duplicate_charge?: boolean;
    }): Promise<void>;
    /** Stops watching in this page. The job keeps running and is recovered at the next visit. */
    detach(): void;
    /** Stops watching when there are no listeners; `follow` resumes it. */
    rest(): void;
    /** Watches the job, unless it is watched already or has ended. */
    follow(): void;
    /** Takes a job from the server, unless a newer version is known. */
    /** @param {import("./types.js").Job<R>} job @param {string|null} [etag] */
    accept(job: import("./types.js").Job<R>, etag?: string | null): void;
    /** Applies an event. Returns false when an earlier one is missing. */
    /** @param {import("./types.js").JobEvent} event @param {string} [id] */
    update(event: import("./types.js").JobEvent, id?: string): boolean;
    /** @param {any} shown The output in another tab. */
    adopt(shown: any): void;
    pause(): void;
    resume(): void;
    /** Notes that the server no longer has the job, or refused it. */
    /** @param {Refused} error */
    lost(error: Refused): void;
    /** @param {Record<string, any>} change */
    set(change: Record<string, any>): void;
    #private;
}
import { Partial } from "./partial.js";
import { Watch } from "./watch.js";
import { Refused } from "./errors.js";
