/**
 * The models of the API by name.
 */
export type Schemas = import("./api.js").components["schemas"];
export type Status = Schemas["Status"];
/**
 * The payloads of the built-in job types, by type.
 */
export type Results = { [J in Schemas["Job"] as J["type"]]: NonNullable<J["result"]>; };
/**
 * The results of the built-in job types, by type.
 */
export type Payloads = { [N in Schemas["NewJob"] as N["type"]]: N["payload"]; };
/**
 * The result of a job type; `unknown` where the type is not built in.
 */
export type ResultOf<T extends string> = T extends keyof Results ? Results[T] : unknown;
export type PayloadOf<T extends string> = T extends keyof Payloads ? Payloads[T] : object;
/**
 * A job. `type` is open, because job types can be added; so is `phase`, which is for people.
 */
export type Job<R = unknown> = Omit<Schemas["ListedJobResponse"], "result" | "payload"> & {
    result: R | null;
};
/**
 * The body of `POST /jobs`; `input` is another name of `payload`.
 */
export type NewJob<T extends string = string> = Omit<Schemas["NewGenerateCharacters"], "type" | "payload"> & {
    type: T;
    payload?: PayloadOf<T>;
    input?: PayloadOf<T>;
};
export type Estimate = Omit<Schemas["JobEstimate"], "duration_s">;
/**
 * A cheaper request, and its price.
 */
export type Alternative = Schemas["Alternative"];
/**
 * `key`: an Idempotency-Key of your own. `slot`: the same slot and body while the first job is
 * unfinished is the same job (double clicks). `follow`: false does not watch the job. `maxCost`:
 * the server refuses a job that could cost more. `onConfirmCost`: true pays, false does not, an
 * alternative is submitted instead.
 */
export type SubmitOptions = {
    key?: string;
    slot?: string;
    follow?: boolean;
    sessionId?: string;
    maxCost?: number;
    onConfirmCost?: (estimate: Estimate, alternatives: Alternative[]) => boolean | Alternative | Promise<boolean | Alternative>;
};
export type Connection = "sending" | "uncertain" | "watching" | "paused" | "terminal" | "expired" | "gone" | "refused";
export type Partial = {
    text: string;
    items: unknown[];
};
/**
 * `since`: ms since 1970 at which the connection was lost, while paused.
 */
export type Snapshot<R = unknown> = {
    id: string | null;
    key: string | null;
    job: Job<R> | null;
    connection: Connection;
    since: number | null;
    pausedMs: number;
    recovered: boolean;
    partial: Partial;
    error: Error | null;
};
/**
 * A request to submit, stored before it is sent. `cancel`: it was cancelled before it had an id.
 */
export type Intent = {
    key: string;
    type: string;
    sessionId?: string | null;
    fingerprint: string;
    body?: NewJob;
    id?: string;
    cancel?: boolean;
    state: "sending" | "watching";
    t: number;
};
/**
 * An event of one job's stream.
 */
export type JobEvent = Schemas["JobEvent"];
export type JobStateEvent = Exclude<JobEvent, {
    type: "reset" | "snapshot";
}>;
/**
 * An event of the stream of all jobs.
 */
export type AllJobsEvent = Schemas["AllJobsEvent"];
export type NetworkState = {
    online: boolean;
    paused: boolean;
    since: number | null;
};
/**
 * What the client uses of its environment; tests pass their own.
 */
export type Env = {
    fetch: typeof fetch;
    now: () => number;
    setTimeout: (run: () => void, ms: number) => any;
    clearTimeout: (timer: any) => void;
    random: () => number;
    uuid: () => string;
    window?: EventTarget;
    document?: any;
    navigator?: any;
    locks?: any;
    Channel?: any;
    storage?: () => Storage;
    warn: (text: string) => void;
};
export type Token = string | null | undefined;
export type ClientOptions = {
    baseUrl?: string;
    token?: Token | ((refresh: boolean) => Token | Promise<Token>);
    storage?: Storage | null;
    namespace?: string;
    transport?: "auto" | "sse" | "poll";
    pollInterval?: number;
    requestTimeout?: number;
    backoff?: {
        base: number;
        max: number;
    };
    env?: Partial_<Env>;
};
export type Partial_<T> = { [K in keyof T]?: T[K]; };
