import { NoAnswer, Refused } from "./errors.js";

const HIDDEN_SLOWER = 3;

/** Follows one job until it ends: reads it, then streams its events or waits. */
export class Watch {
  /**
   * @param {import("./handle.js").JobHandle} handle
   * @param {import("./client.js").JobsClient} client
   */
  constructor(handle, client) {
    this.handle = handle;
    this.client = client;
    this.network = client.network;
    this.stop = new AbortController();
    this.failures = 0;
    /** @type {number|undefined} */
    this.retryAfterMs = undefined;
    /** @type {Promise<void>|null} */
    this.looking = null;
    this.fixed = false;
    this.holeAt = -Infinity;
    this.path = `/jobs/${encodeURIComponent(/** @type {string} */ (handle.id))}`;
  }

  async run() {
    const unwake = this.network.wakes.add(() => void (this.fixed || this.look()));
    const unclose = this.client.closing.add(() => this.stop.abort());
    while (!this.stop.signal.aborted) {
      await this.look();
      if (!this.stop.signal.aborted) await this.#listen();
    }
    unwake();
    unclose();
  }

  /** Reads the job. Concurrent calls share one request. */
  look() {
    this.looking ??= this.#look().finally(() => (this.looking = null));
    return this.looking;
  }

  async #look() {
    if (this.stop.signal.aborted) return;
    const { etag } = this.handle;
    const headers = etag ? { "If-None-Match": etag } : undefined;
    try {
      const answer = await this.client.http.send("GET", this.path, { headers });
      this.failures = 0;
      this.fixed = false;
      this.retryAfterMs = answer.retryAfterMs;
      if (!this.stop.signal.aborted) this.#seen(answer);
    } catch (error) {
      if (!this.stop.signal.aborted) this.#trouble(error);
    }
  }

  /** @param {any} answer */
  #seen({ status, body, headers }) {
    this.handle.resume();
    if (status === 200) this.handle.accept(body, headers.get("ETag"));
    if (this.handle.over) this.stop.abort();
  }

  /** @param {unknown} error */
  #trouble(error) {
    this.failures += 1;
    this.fixed = false;
    this.retryAfterMs = undefined;
    if (error instanceof NoAnswer) return this.handle.pause();
    if (!(error instanceof Refused)) return this.client.env.warn(String(error));
    this.handle.resume();
    this.fixed = error.retryAfterMs !== undefined;
    this.retryAfterMs = error.retryAfterMs;
    if (![401, 403, 404, 410].includes(error.status)) return;
    this.handle.lost(error);
    this.stop.abort();
  }

  async #listen() {
    const { signal } = this.stop;
    const { streams } = this.client;
    if (this.failures === 0 && streams.allowed("job")) {
      const ended = await streams.share("job", `${this.path}/events`, this.#sink(), signal);
      if (signal.aborted) return;
      if (ended) await this.look();
      if (signal.aborted) return;
    }
    await this.network.sleep(this.#cadence(), { signal, fixed: this.fixed });
  }

  /** ms until the next read. */
  #cadence() {
    const { failures, retryAfterMs } = this;
    if (failures > 0) return retryAfterMs ?? this.network.delay(failures);
    const normal = this.handle.interval ?? retryAfterMs ?? this.client.pollInterval;
    return normal * (this.network.hidden ? HIDDEN_SLOWER : 1);
  }

  #sink() {
    const { handle } = this;
    return {
      lastId: handle.lastId,
      event: (/** @type {any} */ update, /** @type {string|undefined} */ id) =>
        this.#event(update, id),
      shared: () => handle.partial.value,
      adopt: (/** @type {any} */ shown) => handle.adopt(shown),
    };
  }

  /** Only a read of the job ends the watch; an event only prompts one. */
  /** @param {import("./types.js").JobEvent} update @param {string|undefined} id */
  #event(update, id) {
    if (this.stop.signal.aborted) return;
    const whole = this.handle.update(update, id);
    if (update.type === "done" || update.type === "reset") void this.look();
    else if (!whole && this.client.env.now() - this.holeAt >= this.client.pollInterval) {
      this.holeAt = this.client.env.now();
      void this.look();
    }
  }
}
