import { listeners } from "./listeners.js";

const REST_MS = 5000;

/** All updates of all of the user's jobs, over the one stream that the tabs share. */
export class Feed {
  /** @param {import("./client.js").JobsClient} client */
  constructor(client) {
    this.client = client;
    this.told = listeners(client.env.warn);
    /** @type {AbortController|null} */
    this.stop = null;
    /** @type {string|undefined} */
    this.lastId = undefined;
  }

  /**
   * Calls back with each update, and with null when it is time to read the list again: where
   * there is no stream, now and then; after a gap; at a wake-up.
   * @param {(update: import("./types.js").Update|null) => void} listener
   * @returns {() => void} stops listening
   */
  subscribe(listener) {
    const leave = this.told.add(listener);
    if (!this.stop) void this.#run((this.stop = new AbortController()));
    return () => {
      leave();
      if (this.told.size) return;
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
      await network.sleep(REST_MS * (network.hidden ? 3 : 1), { signal });
      if (!signal.aborted) this.told.tell(null);
    }
    unclose();
  }

  #sink() {
    const event = (/** @type {any} */ update, /** @type {string|undefined} */ id) => {
      if (id) this.lastId = id;
      this.told.tell(update.type === "reset" ? null : update);
    };
    return { lastId: this.lastId, event };
  }
}
