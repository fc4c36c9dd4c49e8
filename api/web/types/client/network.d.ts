/** Whether the server is heard, and when it is time to ask again at once. */
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
        tell(value: any): void;
        readonly size: number;
    };
    wakes: {
        add(listener: (value: any) => void): () => void;
        tell(value: any): void;
        readonly size: number;
    };
    /** @returns {import("./types.js").NetworkState} */
    snapshot: () => import("./types.js").NetworkState;
    /** @param {(state: import("./types.js").NetworkState) => void} listener */
    subscribe: (listener: (state: import("./types.js").NetworkState) => void) => () => void;
    get hidden(): boolean;
    /** The server answered, whatever it said. */
    answered(): void;
    /** A request got no answer. */
    silent(): void;
    /** ms to wait after so many failures in a row: full jitter; offline it only gets slower. */
    /** @param {number} failures */
    delay(failures: number): number;
    /**
     * Waits, or less when something wakes it or `signal` aborts. A timer that comes much too late
     * means that the machine slept: everybody wakes.
     * @param {number} ms
     * @param {{signal?: AbortSignal, deaf?: boolean}} [how] `deaf`: the server said how long to wait.
     */
    sleep(ms: number, { signal, deaf }?: {
        signal?: AbortSignal;
        deaf?: boolean;
    }): Promise<any>;
    /** Whether a timer of `ms`, begun at `started`, fires so late that the machine must have slept. */
    /** @param {number} started @param {number} ms */
    late(started: number, ms: number): boolean;
    close(): void;
    #private;
}
