/** The jobs of one user in one page. */
export class JobsClient {
    /** @param {import("./types.js").ClientOptions} [options] */
    constructor(options?: import("./types.js").ClientOptions);
    env: import("./types.js").Env;
    pollInterval: number;
    network: Network;
    http: Http;
    records: Records;
    streams: Streams;
    /** @type {Map<string, JobHandle>} By key and by id. */
    handles: Map<string, JobHandle>;
    /** @type {Map<string, JobHandle>} */
    slots: Map<string, JobHandle>;
    feed: Feed;
    /** @type {ReturnType<typeof recover>|null} */
    recovering: ReturnType<typeof recover> | null;
    closing: {
        signal: AbortSignal;
        abort: () => void;
        /** @param {() => void} run */
        add(run: () => void): () => void;
    };
    get closed(): boolean;
    /**
     * Submits a job and returns its handle at once. `handle.sent` settles with the answer.
     * @template {string} T
     * @param {import("./types.js").NewJob<T>} newJob
     * @param {import("./types.js").SubmitOptions} [options]
     * @returns {JobHandle<import("./types.js").ResultOf<T>>}
     */
    start<T extends string>(newJob: import("./types.js").NewJob<T>, options?: import("./types.js").SubmitOptions): JobHandle<import("./types.js").ResultOf<T>>;
    /**
     * Submits a job. Resolves to its handle once the server has it; rejects with Refused.
     * @template {string} T
     * @param {import("./types.js").NewJob<T>} newJob
     * @param {import("./types.js").SubmitOptions} [options]
     */
    submit<T extends string>(newJob: import("./types.js").NewJob<T>, options?: import("./types.js").SubmitOptions): Promise<JobHandle<import("./types.js").ResultOf<T>>>;
    /** The handle of a job with a known id. @param {string} id @param {{interval?: number}} [how] */
    watch(id: string, { interval }?: {
        interval?: number;
    }): JobHandle<any>;
    /** Finds jobs again after a reload. @param {{sessionId?: string}} [which] */
    recover(which?: {
        sessionId?: string;
    }): Promise<{
        resumed: JobHandle<any>[];
        completedWhileAway: JobHandle<any>[];
        unsure: JobHandle<any>[];
    }>;
    /**
     * Lists jobs, newest first.
     * @param {Record<string, unknown>} [query] The parameters of `GET /jobs`.
     * @returns {Promise<import("./types.js").Schemas["JobListResponse"]>}
     */
    list(query?: Record<string, unknown>): Promise<import("./types.js").Schemas["JobListResponse"]>;
    /**
     * Estimates the cost of a job without submitting it.
     * @template {string} T
     * @param {import("./types.js").NewJob<T>} newJob
     * @returns {Promise<import("./types.js").Schemas["EstimateResponse"]>}
     */
    estimate<T extends string>(newJob: import("./types.js").NewJob<T>): Promise<import("./types.js").Schemas["EstimateResponse"]>;
    /** Stops all requests; jobs keep running. */
    close(): void;
    /** The one handle of a job in this page. @param {{key?: string, id?: string}} names */
    handle({ key, id }: {
        key?: string;
        id?: string;
    }): JobHandle<any>;
    /**
     * @param {JobHandle} handle
     * @param {import("./types.js").NewJob} body
     * @param {import("./types.js").SubmitOptions} options
     */
    send(handle: JobHandle, body: import("./types.js").NewJob, options: import("./types.js").SubmitOptions): void;
    /** @param {JobHandle} handle @param {import("./types.js").Job} job */
    acknowledged(handle: JobHandle, job: import("./types.js").Job): void;
    /** @param {JobHandle} handle @param {Refused} error */
    refused(handle: JobHandle, error: Refused): void;
    /** Stores that a job without an id was cancelled, so that a reload knows it. */
    /** @param {JobHandle} handle */
    dropUnsent(handle: JobHandle): Promise<void>;
    /** Sends an idempotent request, with retries after errors that may pass. */
    /** @param {string} method @param {string} path @param {any} sent */
    sendWithRetries(method: string, path: string, sent: any): Promise<{
        status: number;
        body: any;
        headers: Headers;
        retryAfterMs?: number;
    }>;
    /** @param {JobHandle} handle @param {boolean} announced */
    finished(handle: JobHandle, announced: boolean): void;
    /** Marks the end of a job as seen: there is nothing left to recover. */
    /** @param {JobHandle} handle */
    markSeen(handle: JobHandle): void;
    /** @param {JobHandle} handle */
    forget(handle: JobHandle): void;
}
import { Network } from "./network.js";
import { Http } from "./http.js";
import { Records } from "./records.js";
import { Streams } from "./streams.js";
import { JobHandle } from "./handle.js";
import { Feed } from "./feed.js";
import { recover } from "./recover.js";
import { Refused } from "./errors.js";
