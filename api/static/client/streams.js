import { readStream } from "./stream.js";

const SLOTS = 3;
const SILENCE_MS = 20_000;
const HIDDEN_MS = 60_000;
const BUFFERED_MS = 10 * 60_000;

/**
 * Event streams that the tabs of a browser share: the tab with the lock reads and sends the events
 * to the others over a channel. At most three are open, as browsers allow six connections.
 */
export class Streams {
  /**
   * @param {import("./http.js").Http} http
   * @param {import("./records.js").Records} records
   * @param {"auto"|"sse"|"poll"} transport
   */
  constructor(http, records, transport) {
    this.http = http;
    this.env = http.env;
    this.network = http.network;
    this.records = records;
    this.transport = transport;
    /** @type {Set<string>} */
    this.absent = new Set();
    this.tabs = !!(this.env.locks && this.env.Channel);
  }

  /** Whether a stream of this sort may be opened now. */
  /** @param {string} sort */
  allowed(sort) {
    if (this.transport === "poll" || this.absent.has(sort) || this.network.hidden) return false;
    if (this.transport === "sse") return true;
    if (this.env.now() < Number(this.records.read("poll-until") ?? 0)) return false;
    return this.tabs || !this.env.document;
  }

  /**
   * Reads a stream, or listens to the tab that does, until the job must be read.
   * @param {string} sort "job" or "feed"
   * @param {string} path
   * @param {{lastId?: string, event: (update: any, id?: string) => void, shared?: () => any,
   *   adopt?: (shown: any) => void}} sink
   * @param {AbortSignal} signal
   * @returns {Promise<boolean>} false when streams do not work: poll instead.
   */
  async share(sort, path, sink, signal) {
    if (!this.tabs) return this.#read(sort, path, sink, signal);
    const channel = new this.env.Channel(this.records.prefix + path);
    try {
      const led = await this.#locked(path, () => this.#lead(sort, path, sink, channel, signal));
      return led ?? (await this.#follow(sink, channel, signal));
    } finally {
      channel.close();
    }
  }

  /**
   * @param {string} sort
   * @param {string} path
   * @param {any} sink
   * @param {any} channel
   * @param {AbortSignal} signal
   */
  async #lead(sort, path, sink, channel, signal) {
    channel.onmessage = (/** @type {any} */ { data }) => {
      if (data.ask) channel.postMessage({ shown: sink.shared?.() });
    };
    const event = (/** @type {any} */ update, /** @type {string|undefined} */ id) => {
      sink.event(update, id);
      channel.postMessage({ update, id });
    };
    const relay = {
      ...sink,
      lastId: sink.lastId,
      event,
      bytes: () => channel.postMessage({ alive: true }),
    };
    const read = () => this.#read(sort, path, relay, signal);
    const useful = sort === "feed" ? await read() : await this.#inSlot(read);
    channel.postMessage({ over: true });
    return useful;
  }

  /** Listens until the reading tab is silent for too long, or stops. */
  /** @param {any} sink @param {any} channel @param {AbortSignal} signal */
  async #follow(sink, channel, signal) {
    const quiet = new AbortController();
    let lastMessageAt = this.env.now();
    channel.onmessage = (/** @type {any} */ { data }) => {
      lastMessageAt = this.env.now();
      if (data.update) sink.event(data.update, data.id);
      if (data.shown) sink.adopt?.(data.shown);
      if (data.over) quiet.abort();
    };
    channel.postMessage({ ask: true });
    const leave = () => quiet.abort();
    signal.addEventListener("abort", leave);
    for (let left = SILENCE_MS; left > 0 && !quiet.signal.aborted; ) {
      await this.network.sleep(left, { signal: quiet.signal, fixed: true });
      left = lastMessageAt + SILENCE_MS - this.env.now();
    }
    signal.removeEventListener("abort", leave);
    return true;
  }

  /** @param {string} sort @param {string} path @param {any} sink @param {AbortSignal} signal */
  async #read(sort, path, sink, signal) {
    const hidden = new AbortController();
    const leave = () => hidden.abort();
    signal.addEventListener("abort", leave);
    let seen = this.env.now();
    const onBytes = () => {
      if (!this.network.hidden) seen = this.env.now();
      if (this.env.now() - seen >= HIDDEN_MS) leave();
      sink.bytes?.();
    };
    const how = { lastId: sink.lastId, signal: hidden.signal, onBytes, onEvent: sink.event };
    const outcome = await readStream(this.http, path, how);
    signal.removeEventListener("abort", leave);
    if (outcome === "absent") this.absent.add(sort);
    if (outcome === "stalled") this.#remember();
    return outcome === "ended" || outcome === "over";
  }

  #remember() {
    this.records.write("poll-until", String(this.env.now() + BUFFERED_MS));
  }

  /** @param {() => Promise<boolean>} run */
  async #inSlot(run) {
    for (let slot = 0; slot < SLOTS; slot += 1) {
      const done = await this.#locked(`slot:${slot}`, run);
      if (done !== null) return done;
    }
    return false;
  }

  /** Runs under a lock. Resolves to null when another tab has it. */
  /** @param {string} name @param {() => Promise<boolean>} run @returns {Promise<boolean|null>} */
  #locked(name, run) {
    const guarded = (/** @type {any} */ lock) => (lock ? run() : null);
    return this.env.locks.request(this.records.prefix + name, { ifAvailable: true }, guarded);
  }
}
