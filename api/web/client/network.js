import { listeners } from "./listeners.js";

const HEARD = ["online", "offline", "focus", "pageshow"];
const LATE_MS = 1000;

/** Whether the server is heard, and when it is time to ask again at once. */
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
    for (const name of HEARD) env.window?.addEventListener?.(name, this.#event);
    env.document?.addEventListener?.("visibilitychange", this.#event);
  }

  /** @returns {import("./types.js").NetworkState} */
  snapshot = () => this.state;

  /** @param {(state: import("./types.js").NetworkState) => void} listener */
  subscribe = (listener) => this.changes.add(listener);

  get hidden() {
    return this.env.document?.visibilityState === "hidden";
  }

  /** The server answered, whatever it said. */
  answered() {
    if (this.state.paused) this.#set({ paused: false, since: null });
  }

  /** A request got no answer. */
  silent() {
    if (!this.state.paused) this.#set({ paused: true, since: this.env.now() });
  }

  /** ms to wait after so many failures in a row: full jitter; offline it only gets slower. */
  /** @param {number} failures */
  delay(failures) {
    if (!this.state.online) return this.backoff.max;
    const most = Math.min(this.backoff.max, this.backoff.base * 2 ** (failures - 1));
    return this.env.random() * most;
  }

  /**
   * Waits, or less when something wakes it or `signal` aborts. A timer that comes much too late
   * means that the machine slept: everybody wakes.
   * @param {number} ms
   * @param {{signal?: AbortSignal, deaf?: boolean}} [how] `deaf`: the server said how long to wait.
   */
  sleep(ms, { signal, deaf = false } = {}) {
    if (signal?.aborted) return Promise.resolve();
    const started = this.env.now();
    return new Promise((resolve) => {
      const end = () => {
        this.env.clearTimeout(timer);
        unwake();
        signal?.removeEventListener("abort", end);
        resolve(undefined);
      };
      const unwake = deaf ? () => {} : this.wakes.add(end);
      const timer = this.env.setTimeout(() => {
        end();
        if (this.late(started, ms)) this.wakes.tell(undefined);
      }, ms);
      signal?.addEventListener("abort", end);
    });
  }

  /** Whether a timer of `ms`, begun at `started`, fires so late that the machine must have slept. */
  /** @param {number} started @param {number} ms */
  late(started, ms) {
    return this.env.now() - started > 2 * ms + LATE_MS;
  }

  close() {
    for (const name of HEARD) this.env.window?.removeEventListener?.(name, this.#event);
    this.env.document?.removeEventListener?.("visibilitychange", this.#event);
  }

  /** @param {any} event */
  #event = (event) => {
    const online = event.type === "online" || this.env.navigator?.onLine !== false;
    if (online !== this.state.online) this.#set({ online });
    if (event.type === "offline" || this.hidden) return;
    if (event.type === "pageshow" && !event.persisted) return;
    this.wakes.tell(undefined);
  };

  /** @param {Record<string, any>} change */
  #set(change) {
    this.state = { ...this.state, ...change };
    this.changes.tell(this.state);
  }
}
