/** All jobs of one user in one page. */
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
     * Asks for a job. The handle is there at once; its `sent` settles when the server has answered.
     * @param {import("./types.js").NewJob} wanted
     * @param {import("./types.js").SubmitOptions} [options]
     */
    start(wanted: import("./types.js").NewJob, options?: import("./types.js").SubmitOptions): JobHandle<any>;
    /** The same, once the server has it. Raises Refused. */
    /** @param {import("./types.js").NewJob} wanted @param {import("./types.js").SubmitOptions} [options] */
    submit(wanted: import("./types.js").NewJob, options?: import("./types.js").SubmitOptions): Promise<JobHandle<any>>;
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
    /** @param {Record<string, any>} [query] @returns {Promise<{jobs: any[], next_cursor?: string|null, counts?: any}>} */
    list(query?: Record<string, any>): Promise<{
        jobs: any[];
        next_cursor?: string | null;
        counts?: any;
    }>;
    /** What a job would cost; buys nothing. @param {import("./types.js").NewJob} wanted */
    estimate(wanted: import("./types.js").NewJob): Promise<any>;
    /** @param {any} body @param {{key?: string}} [options] */
    batch(body: any, { key }?: {
        key?: string;
    }): Promise<any>;
    /** Lets go of everything; jobs go on. */
    close(): void;
    /** The one handle of a job in this page. @param {{key?: string, id?: string}} names */
    handle({ key, id }: {
        key?: string;
        id?: string;
    }): JobHandle<any>;
    /** @param {JobHandle} handle @param {import("./types.js").NewJob} body @param {import("./types.js").SubmitOptions} options */
    send(handle: JobHandle, body: import("./types.js").NewJob, options: import("./types.js").SubmitOptions): void;
    /** @param {JobHandle} handle @param {import("./types.js").Job} job */
    acknowledged(handle: JobHandle, job: import("./types.js").Job): void;
    /** @param {JobHandle} handle @param {Refused} error */
    refused(handle: JobHandle, error: Refused): void;
    /** A job cancelled before the server said its id: known to be unwanted, also after a reload. */
    /** @param {JobHandle} handle */
    dropUnsent(handle: JobHandle): Promise<void>;
    /** A request that is safe to repeat, a few times over network trouble. */
    /** @param {string} method @param {string} path @param {any} sent */
    firmly(method: string, path: string, sent: any): Promise<{
        status: number;
        body: any;
        headers: Headers;
        retryAfterMs?: number;
    }>;
    /** @param {JobHandle} handle @param {boolean} heard */
    finished(handle: JobHandle, heard: boolean): void;
    /** The user has seen the end of a job: nothing is left to recover. */
    /** @param {JobHandle} handle */
    saw(handle: JobHandle): void;
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
