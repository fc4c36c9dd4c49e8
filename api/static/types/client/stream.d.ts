/**
 * How a stream ended: `ended` by the server, `over` (no further events), `absent` (the server has
 * no such stream), `stalled` (no byte arrived: a proxy buffers), `cut`.
 * @typedef {"ended"|"over"|"absent"|"stalled"|"cut"} Outcome
 */
/**
 * Reads one event stream until it ends.
 * @param {import("./http.js").Http} http
 * @param {string} path
 * @param {{lastId?: string, signal: AbortSignal, onBytes?: () => void,
 *   onEvent: (update: import("./types.js").JobEvent, id?: string) => void}} how
 * @returns {Promise<Outcome>}
 */
export function readStream(http: import("./http.js").Http, path: string, { lastId, signal, onBytes, onEvent }: {
    lastId?: string;
    signal: AbortSignal;
    onBytes?: () => void;
    onEvent: (update: import("./types.js").JobEvent, id?: string) => void;
}): Promise<Outcome>;
/**
 * A parser of text/event-stream. Call it with chunks of text, split anywhere.
 * @param {(update: any, id?: string) => void} onEvent
 */
export function parser(onEvent: (update: any, id?: string) => void): (/** @type {string} */ chunk: string) => void;
/**
 * How a stream ended: `ended` by the server, `over` (no further events), `absent` (the server has
 * no such stream), `stalled` (no byte arrived: a proxy buffers), `cut`.
 */
export type Outcome = "ended" | "over" | "absent" | "stalled" | "cut";
