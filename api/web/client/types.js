// Types only: the shapes that travel, as docs/http.md has them.

/** @typedef {"pending"|"processing"|"completed"|"failed"|"cancelled"|"skipped"} Status */

/**
 * The results by job type. An application adds its own: `declare module` and extend it.
 * @typedef {Object} ResultTypes
 */

/**
 * A job. `phase` is for people and open; switch on `status` only.
 * @template {any} [R=any]
 * @typedef {{
 *   id: string, type: string, status: Status, progress: number, message: string,
 *   created_at: string, completed_at?: string|null, started_at?: string|null,
 *   updated_at?: string|null, expires_at?: string|null, phase?: string|null, version: number,
 *   attempt: number, retries?: number, progress_source?: string, result: R|null,
 *   partial_result?: any, error?: string|null, error_detail?: any, usage?: any, cost?: any,
 *   model?: string|null, session_id?: string|null, reused?: boolean,
 *   links?: Record<string, string>,
 * }} Job
 */

/** @typedef {{type: string, payload?: any, input?: any, options?: Record<string, any>, session_id?: string}} NewJob */

/**
 * @typedef {{
 *   key?: string, slot?: string, follow?: boolean, sessionId?: string, maxCost?: number,
 *   onConfirmCost?: (estimate: any, alternatives: any[]) => boolean|Promise<boolean>,
 * }} SubmitOptions
 * `key`: an Idempotency-Key of one's own. `slot`: the same slot and body while the first job
 * lives is the same job (double clicks). `follow`: false does not watch it. `maxCost`: refuse above it.
 */

/**
 * @typedef {"sending"|"uncertain"|"watching"|"paused"|"terminal"|"expired"|"gone"|"refused"} Connection
 * @typedef {{text: string, items: any[]}} Partial
 * @typedef {{
 *   id: string|null, key: string|null, job: Job|null, connection: Connection,
 *   since: number|null, pausedMs: number, recovered: boolean, partial: Partial,
 *   error: Error|null,
 * }} Snapshot
 * `since`: ms since 1970 at which the network went away, while paused.
 */

/**
 * A wish, as it is written down before it is sent. `cancel`: it is not wanted any more.
 * @typedef {{key: string, type: string, sessionId?: string, fingerprint: string, body?: NewJob, id?: string, cancel?: boolean, state: "sending"|"watching", t: number}} Intent
 */

/** @typedef {{type: string, job_id?: string, seq?: number, version?: number, [field: string]: any}} Update */

/** @typedef {{online: boolean, paused: boolean, since: number|null}} NetworkState */

/**
 * What the client takes from the outside world; tests give their own.
 * @typedef {{
 *   fetch: typeof fetch, now: () => number, setTimeout: (run: () => void, ms: number) => any,
 *   clearTimeout: (timer: any) => void, random: () => number, uuid: () => string,
 *   window?: EventTarget, document?: any, navigator?: any, locks?: any, Channel?: any,
 *   storage?: () => Storage, warn: (text: string) => void,
 * }} Env
 */

/**
 * @typedef {{
 *   baseUrl?: string, token?: (refresh: boolean) => string|null|undefined|Promise<string|null|undefined>,
 *   storage?: Storage|null, namespace?: string, transport?: "auto"|"sse"|"poll",
 *   pollInterval?: number, requestTimeout?: number, backoff?: {base: number, max: number},
 *   env?: Partial_<Env>,
 * }} ClientOptions
 * @typedef {Record<string, any>} AnyRecord
 */

/**
 * @template T
 * @typedef {{[K in keyof T]?: T[K]}} Partial_
 */

export {};
