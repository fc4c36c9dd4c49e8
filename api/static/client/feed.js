import { listeners } from "./listeners.js";

const RETRY_INTERVAL_MS = 5000;

/** The events of all jobs of the user, from one stream that the tabs share. */
export class Feed {
  /** @param {import("./client.js").JobsClient} client */
  constructor(client) {
    this.client = client;
    this.listeners = listeners(client.env.warn);
    /** @type {AbortController|null} */
    this.stop = null;
    /** @type {string|undefined} */
    this.lastId = undefined;
  }

  /**
   * Calls back with each event, and with null when the list must be read again: after a gap, at a
   * wake-up, and at intervals where there is no stream.
   * @param {(update: import("./types.js").AllJobsEvent|null) => void} listener
   * @returns {() => void} stops listening
   */
  subscribe(listener) {
    const leave = this.listeners.add(listener);
    if (!this.stop) void this.#run((this.stop = new AbortController()));
    return () => {
      leave();
      if (this.listeners.size) return;
      this.stop?.abort();
      this.stop = null;
    };
  }

  /** @param {AbortController} stop */
  async #run({ signal }) {
    const { streams, network, closing } = this.client;
    const unclose = closing.add(() => this.stop?.abort());
    while (!signal.aborted && !this.client.closed) {
      if (streams.allowed("feed")) await streams.share("feed", "/events", this.#sink(), signal);
      await network.sleep(RETRY_INTERVAL_MS * (network.hidden ? 3 : 1), { signal });
      if (!signal.aborted) this.listeners.notify(null);
    }
    unclose();
  }

  #sink() {
    const event = (/** @type {any} */ update, /** @type {string|undefined} */ id) => {
      if (id) this.lastId = id;
      this.listeners.notify(update.type === "reset" ? null : update);
    };
    return { lastId: this.lastId, event };
  }
}
