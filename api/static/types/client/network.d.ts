/** Whether the server answers, and events after which the client asks again at once. */
export class Network {
    /**
     * @param {import("./types.js").Env} env
     * @param {{base: number, max: number}} [backoff] ms
     */
    constructor(env: import("./types.js").Env, backoff?: {
        base: number;
        max: number;
    });
    env: import("./types.js").Env;
    backoff: {
        base: number;
        max: number;
    };
    /** @type {import("./types.js").NetworkState} */
    state: import("./types.js").NetworkState;
    changes: {
        add(listener: (value: any) => void): () => void;
        notify(value: any): void;
        readonly size: number;
    };
    wakes: {
        add(listener: (value: any) => void): () => void;
        notify(value: any): void;
        readonly size: number;
    };
    /** @returns {import("./types.js").NetworkState} */
    snapshot: () => import("./types.js").NetworkState;
    /** @param {(state: import("./types.js").NetworkState) => void} listener */
    subscribe: (listener: (state: import("./types.js").NetworkState) => void) => () => void;
    get hidden(): boolean;
    /** Notes that the server answered, with whatever status. */
    answered(): void;
    /** Notes that a request had no answer. */
    unanswered(): void;
    /**
     * ms to wait after a number of failures in a row, with full jitter; the maximum while offline.
     */
    /** @param {number} failures */
    delay(failures: number): number;
    /**
     * Waits until the time is over, something wakes it, or `signal` aborts. A timer that fires much
     * too late means that the machine slept: then all waits end.
     * @param {number} ms
     * @param {{signal?: AbortSignal, fixed?: boolean}} [how] `fixed`: the server named the time, so
     *   that a wake-up does not end the wait.
     */
    sleep(ms: number, { signal, fixed }?: {
        signal?: AbortSignal;
        fixed?: boolean;
    }): Promise<any>;
    /**
     * Whether a timer of `ms`, started at `started`, fires so late that the machine must have slept.
     */
    /** @param {number} started @param {number} ms */
    late(started: number, ms: number): boolean;
    close(): void;
    #private;
}
