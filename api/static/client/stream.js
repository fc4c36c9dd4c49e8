const FIRST_BYTE_MS = 5000;
const IDLE_MS = 20_000;

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
export async function readStream(http, path, { lastId, signal, onBytes, onEvent }) {
  const dog = watchdog(http, signal);
  try {
    dog.feed(FIRST_BYTE_MS);
    const headers = { Accept: "text/event-stream", ...(lastId ? { "Last-Event-ID": lastId } : {}) };
    const response = await http.open("GET", path, { headers, signal: dog.signal });
    if (!streams(response) || !response.body) return await refusal(response);
    const reader = response.body.getReader();
    const parse = parser(onEvent);
    const text = new TextDecoder();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return "ended";
      dog.feed(IDLE_MS);
      http.network.answered();
      onBytes?.();
      parse(text.decode(value, { stream: true }));
    }
  } catch {
    return dog.expired ? "stalled" : "cut";
  } finally {
    dog.stop();
  }
}

/** @param {Response} response */
const streams = ({ status, headers }) =>
  status === 200 && !!headers.get("Content-Type")?.includes("text/event-stream");

/**
 * The outcome of an answer without a stream.
 * @param {Response} response
 * @returns {Promise<Outcome>}
 */
async function refusal(response) {
  if ([204, 401, 403, 410].includes(response.status)) return "over";
  if (response.status >= 500 || response.status === 429) return "cut";
  const problem = await response.json().catch(() => ({}));
  return problem.code === "job-not-found" ? "over" : "absent";
}

/** Aborts unless it is fed in time. A machine that slept does not count as stalled. */
/** @param {import("./http.js").Http} http @param {AbortSignal} signal */
function watchdog({ env, network }, signal) {
  const abort = new AbortController();
  const leave = () => abort.abort();
  signal.addEventListener("abort", leave);
  if (signal.aborted) leave();
  /** @type {any} */
  let timer;
  const dog = {
    signal: abort.signal,
    expired: false,
    /** @param {number} ms */
    feed(ms) {
      env.clearTimeout(timer);
      const fed = env.now();
      timer = env.setTimeout(() => {
        dog.expired = !network.late(fed, ms) && network.state.online;
        leave();
      }, ms);
    },
    stop() {
      env.clearTimeout(timer);
      signal.removeEventListener("abort", leave);
      leave();
    },
  };
  return dog;
}

/**
 * A parser of text/event-stream. Call it with chunks of text, split anywhere.
 * @param {(update: any, id?: string) => void} onEvent
 */
export function parser(onEvent) {
  let rest = "";
  /** @type {string[]} */
  let data = [];
  /** @type {string|undefined} */
  let id;
  const line = (/** @type {string} */ text) => {
    if (text === "") {
      if (data.length) emit(data.join("\n"), id, onEvent);
      data = [];
    } else if (text.startsWith("data:")) data.push(text.slice(5).replace(/^ /, ""));
    else if (text.startsWith("id:")) id = text.slice(3).replace(/^ /, "");
  };
  return (/** @type {string} */ chunk) => {
    const lines = (rest + chunk).split(/\r\n|\n|\r(?!$)/);
    rest = /** @type {string} */ (lines.pop());
    lines.forEach(line);
  };
}

/**
 * @param {string} text
 * @param {string|undefined} id
 * @param {(update: any, id?: string) => void} onEvent
 */
function emit(text, id, onEvent) {
  let update;
  try {
    update = JSON.parse(text);
  } catch {
    return;
  }
  if (update && typeof update === "object") onEvent(update, id);
}
