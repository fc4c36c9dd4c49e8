/**
 * How a stream came to its end: `ended` by the server, `over` (nothing more will come), `absent`
 * (the server has no such stream), `stalled` (no byte came through: a proxy buffers), `cut`.
 * @typedef {"ended"|"over"|"absent"|"stalled"|"cut"} Outcome
 */
/**
 * Reads one event stream until it ends.
 * @param {import("./http.js").Http} http
 * @param {string} path
 * @param {{lastId?: string, signal: AbortSignal, onBytes?: () => void,
 *   onEvent: (update: import("./types.js").Update, id?: string) => void}} how
 * @returns {Promise<Outcome>}
 */
export function readStream(http: import("./http.js").Http, path: string, { lastId, signal, onBytes, onEvent }: {
    lastId?: string;
    signal: AbortSignal;
    onBytes?: () => void;
    onEvent: (update: import("./types.js").Update, id?: string) => void;
}): Promise<Outcome>;
/**
 * A parser of text/event-stream: call it with pieces of text, cut anywhere.
 * @param {(update: any, id?: string) => void} onEvent
 */
export function parser(onEvent: (update: any, id?: string) => void): (/** @type {string} */ piece: string) => void;
/**
 * How a stream came to its end: `ended` by the server, `over` (nothing more will come), `absent`
 * (the server has no such stream), `stalled` (no byte came through: a proxy buffers), `cut`.
 */
export type Outcome = "ended" | "over" | "absent" | "stalled" | "cut";
