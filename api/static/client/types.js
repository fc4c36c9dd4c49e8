// Types only. The API's own models come from its OpenAPI document: `make types` writes api.d.ts.

/** The models of the API by name. @typedef {import("./api.js").components["schemas"]} Schemas */

/** @typedef {Schemas["Status"]} Status */

/**
 * The results of the built-in job types, by type.
 * @typedef {{[J in Schemas["Job"] as J["type"]]: NonNullable<J["result"]>}} Results
 * The payloads of the built-in job types, by type.
 * @typedef {{[N in Schemas["NewJob"] as N["type"]]: N["payload"]}} Payloads
 */

/**
 * The result of a job type; `unknown` where the type is not built in.
 * @template {string} T
 * @typedef {T extends keyof Results ? Results[T] : unknown} ResultOf
 */

/**
 * @template {string} T
 * @typedef {T extends keyof Payloads ? Payloads[T] : object} PayloadOf
 */

/**
 * A job. `type` is open, because job types can be added; so is `phase`, which is for people.
 * @template [R=unknown]
 * @typedef {Omit<Schemas["ListedJobResponse"], "result"|"payload"> & {result: R|null}} Job
 */

/**
 * The body of `POST /jobs`; `input` is another name of `payload`.
 * @template {string} [T=string]
 * @typedef {Omit<Schemas["NewGenerateCharacters"], "type"|"payload"> &
 *   {type: T, payload?: PayloadOf<T>, input?: PayloadOf<T>}} NewJob
 */

/** The price of a request that the server asks to confirm. */
/** @typedef {Omit<Schemas["JobEstimate"], "duration_s">} Estimate */
/** A cheaper request, and its price. @typedef {Schemas["Alternative"]} Alternative */

/**
 * @typedef {{
 *   key?: string, slot?: string, follow?: boolean, sessionId?: string, maxCost?: number,
 *   onConfirmCost?: (estimate: Estimate, alternatives: Alternative[]) =>
 *     boolean|Alternative|Promise<boolean|Alternative>,
 * }} SubmitOptions
 * `key`: an Idempotency-Key of your own. `slot`: the same slot and body while the first job is
 * unfinished is the same job (double clicks). `follow`: false does not watch the job. `maxCost`:
 * the server refuses a job that could cost more. `onConfirmCost`: true pays, false does not, an
 * alternative is submitted instead.
 */

/**
 * @typedef {"sending"|"uncertain"|"watching"|"paused"|"terminal"|"expired"|"gone"|"refused"}
 *   Connection
 * @typedef {{text: string, items: unknown[]}} Partial
 */

/**
 * @template [R=unknown]
 * @typedef {{
 *   id: string|null, key: string|null, job: Job<R>|null, connection: Connection,
 *   since: number|null, pausedMs: number, recovered: boolean, partial: Partial,
 *   error: Error|null,
 * }} Snapshot
 * `since`: ms since 1970 at which the connection was lost, while paused.
 */

/**
 * A request to submit, stored before it is sent. `cancel`: it was cancelled before it had an id.
 * @typedef {{
 *   key: string, type: string, sessionId?: string|null, fingerprint: string, body?: NewJob,
 *   id?: string, cancel?: boolean, state: "sending"|"watching", t: number,
 * }} Intent
 */

/** An event of one job's stream. @typedef {Schemas["JobEvent"]} JobEvent */
/** An event that changes a job. */
/** @typedef {Exclude<JobEvent, {type: "reset"|"snapshot"}>} JobStateEvent */
/** An event of the stream of all jobs. @typedef {Schemas["AllJobsEvent"]} AllJobsEvent */

/** @typedef {{online: boolean, paused: boolean, since: number|null}} NetworkState */

/**
 * What the client uses of its environment; tests pass their own.
 * @typedef {{
 *   fetch: typeof fetch, now: () => number, setTimeout: (run: () => void, ms: number) => any,
 *   clearTimeout: (timer: any) => void, random: () => number, uuid: () => string,
 *   window?: EventTarget, document?: any, navigator?: any, locks?: any, Channel?: any,
 *   storage?: () => Storage, warn: (text: string) => void,
 * }} Env
 */

/** @typedef {string|null|undefined} Token */

/**
 * @typedef {{
 *   baseUrl?: string, token?: Token|((refresh: boolean) => Token|Promise<Token>),
 *   storage?: Storage|null, namespace?: string, transport?: "auto"|"sse"|"poll",
 *   pollInterval?: number, requestTimeout?: number, backoff?: {base: number, max: number},
 *   env?: Partial_<Env>,
 * }} ClientOptions
 */

/**
 * @template T
 * @typedef {{[K in keyof T]?: T[K]}} Partial_
 */

export {};
