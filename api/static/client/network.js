import { listeners } from "./listeners.js";

const WAKE_EVENTS = ["online", "offline", "focus", "pageshow"];
const LATE_MS = 1000;

/** Whether the server answers, and events after which the client asks again at once. */
export class Network {
  /**
   * @param {import("./types.js").Env} env
   * @param {{base: number, max: number}} [backoff] ms
   */
  constructor(env, backoff = { base: 1000, max: 30_000 }) {
    this.env = env;
    this.backoff = backoff;
    /** @type {import("./types.js").NetworkState} */
    this.state = { online: env.navigator?.onLine !== false, paused: false, since: null };
    this.changes = listeners(env.warn);
    this.wakes = listeners(env.warn);
    for (const name of WAKE_EVENTS) env.window?.addEventListener?.(name, this.#event);
    env.document?.addEventListener?.("visibilitychange", this.#event);
  }

  /** @returns {import("./types.js").NetworkState} */
  snapshot = () => this.state;

  /** @param {(state: import("./types.js").NetworkState) => void} listener */
  subscribe = (listener) => this.changes.add(listener);

  get hidden() {
    return this.env.document?.visibilityState === "hidden";
  }

  /** Notes that the server answered, with whatever status. */
  answered() {
    if (this.state.paused) this.#set({ paused: false, since: null });
  }

  /** Notes that a request had no answer. */
  unanswered() {
    if (!this.state.paused) this.#set({ paused: true, since: this.env.now() });
  }

  /**
   * ms to wait after a number of failures in a row, with full jitter; the maximum while offline.
   */
  /** @param {number} failures */
  delay(failures) {
    if (!this.state.online) return this.backoff.max;
    const limit = Math.min(this.backoff.max, this.backoff.base * 2 ** (failures - 1));
    return this.env.random() * limit;
  }

  /**
   * Waits until the time is over, something wakes it, or `signal` aborts. A timer that fires much
   * too late means that the machine slept: then all waits end.
   * @param {number} ms
   * @param {{signal?: AbortSignal, fixed?: boolean}} [how] `fixed`: the server named the time, so
   *   that a wake-up does not end the wait.
   */
  sleep(ms, { signal, fixed = false } = {}) {
    if (signal?.aborted) return Promise.resolve();
    const started = this.env.now();
    return new Promise((resolve) => {
      const end = () => {
        this.env.clearTimeout(timer);
        unwake();
        signal?.removeEventListener("abort", end);
        resolve(undefined);
      };
      const unwake = fixed ? () => {} : this.wakes.add(end);
      const timer = this.env.setTimeout(() => {
        end();
        if (this.late(started, ms)) this.wakes.notify(undefined);
      }, ms);
      signal?.addEventListener("abort", end);
    });
  }

  /**
   * Whether a timer of `ms`, started at `started`, fires so late that the machine must have slept.
   */
  /** @param {number} started @param {number} ms */
  late(started, ms) {
    return this.env.now() - started > 2 * ms + LATE_MS;
  }

  close() {
    for (const name of WAKE_EVENTS) this.env.window?.removeEventListener?.(name, this.#event);
    this.env.document?.removeEventListener?.("visibilitychange", this.#event);
  }

  /** @param {any} event */
  #event = (event) => {
    const online = event.type === "online" || this.env.navigator?.onLine !== false;
    if (online !== this.state.online) this.#set({ online });
    if (event.type === "offline" || this.hidden) return;
    if (event.type === "pageshow" && !event.persisted) return;
    this.wakes.notify(undefined);
  };

  /** @param {Record<string, any>} change */
  #set(change) {
    this.state = { ...this.state, ...change };
    this.changes.notify(this.state);
  }
}
