import { JobCancelled, JobExpired, JobFailed, Refused } from "./errors.js";
import { listeners } from "./listeners.js";
import { Partial } from "./partial.js";
import { Watch } from "./watch.js";

const TERMINAL = ["completed", "failed", "cancelled", "skipped"];
const LOST = ["expired", "gone", "refused"];

/** Whether a job has ended. */
/** @param {{status: string}|null|undefined} job */
export const isTerminal = (job) => !!job && TERMINAL.includes(job.status);

/**
 * One job as this page sees it, from the wish to the result.
 * @template {any} [R=any]
 */
export class JobHandle {
  /**
   * @param {import("./client.js").JobsClient} client
   * @param {{key?: string, id?: string}} names
   */
  constructor(client, { key, id }) {
    this.client = client;
    this.key = key ?? null;
    /** @type {string|null} */
    this.id = id ?? null;
    this.partial = new Partial();
    this.changes = listeners(client.env.warn);
    this.updates = listeners(client.env.warn);
    this.finishes = listeners(client.env.warn);
    /** @type {number|undefined} Own polling interval, ms. */
    this.interval = undefined;
    /** @type {string|undefined} */
    this.lastId = undefined;
    this.seq = -1;
    /** @type {string|null} */
    this.etag = null;
    this.announced = "";
    this.cancelWanted = false;
    /** Whether nobody asked to watch it. */
    this.quiet = false;
    /** @type {Watch|null} */
    this.watch = null;
    /** @type {import("./types.js").Snapshot} */
    this.state = { id: this.id, key: this.key, job: null, connection: id ? "watching" : "sending",
      since: null, pausedMs: 0, recovered: false, partial: this.partial.value, error: null };
    /** @type {Promise<this>} Settles when the server has, or refuses, the job. */
    this.sent = Promise.resolve(this);
  }

  /** @returns {import("./types.js").Snapshot} The same object until something changes. */
  snapshot = () => this.state;

  /** @param {(state: import("./types.js").Snapshot) => void} listener */
  subscribe = (listener) => this.changes.add(listener);

  /** Calls back once when the job ends; not for an end that was told before. */
  /** @param {(state: import("./types.js").Snapshot) => void} listener */
  onFinish = (listener) => this.finishes.add(listener);

  /** Whether nothing more will come. */
  get over() {
    return LOST.includes(this.state.connection) || isTerminal(this.state.job);
  }

  /**
   * The completed job. Raises JobFailed, JobCancelled, JobExpired or Refused; never because of
   * the network.
   * @returns {Promise<import("./types.js").Job<R>>}
   */
  async done() {
    if (this.over) this.client.saw(this);
    else await new Promise((resolve) => this.finishes.add(resolve));
    const error = this.#failure();
    if (error) throw error;
    return /** @type {any} */ (this.state.job);
  }

  /** Every update of the server, then the end. `break` to stop listening; the job goes on. */
  async *events() {
    /** @type {import("./types.js").Update[]} */
    const waiting = [];
    let wake = () => {};
    const leave = this.updates.add((update) => (waiting.push(update), wake()));
    const unsubscribe = this.subscribe(() => wake());
    try {
      for (;;) {
        while (waiting.length) yield /** @type {import("./types.js").Update} */ (waiting.shift());
        if (this.over) return;
        await new Promise((resolve) => (wake = () => resolve(undefined)));
      }
    } finally {
      leave();
      unsubscribe();
    }
  }

  /** Cancels the job: the only thing that does. Before it has an id, as soon as it has one. */
  /** @param {string} [reason] */
  async cancel(reason) {
    if (!this.id) {
      this.cancelWanted = true;
      return this.client.dropUnsent(this);
    }
    try {
      await this.#act("cancel", reason ? { reason } : {});
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== "already-terminal") throw error;
      if (error.problem.job) this.accept(error.problem.job);
    }
  }

  /** Runs a failed or cancelled job again; what is paid for is not bought twice. */
  /** @param {{accept_duplicate_charge?: boolean}} [options] */
  async retry(options = {}) {
    const key = this.client.env.uuid();
    await this.#act("retry", { expected_attempt: this.state.job?.attempt, ...options }, key);
  }

  /** Stops watching in this page. The job goes on, and is found again at the next visit. */
  detach() {
    this.watch?.stop.abort();
    this.watch = null;
    this.client.forget(this);
  }

  /** Stops watching when nobody listens any more; `follow` goes on. */
  rest() {
    if (this.changes.size + this.finishes.size + this.updates.size > 0) return;
    this.watch?.stop.abort();
    this.watch = null;
  }

  // From here on for the client's own modules.

  /** @param {string} verb @param {any} body @param {string} [key] */
  async #act(verb, body, key) {
    const headers = key ? { "Idempotency-Key": key } : undefined;
    const path = `/jobs/${encodeURIComponent(/** @type {string} */ (this.id))}/${verb}`;
    const answer = await this.client.firmly("POST", path, { body, headers });
    this.accept(answer.body);
    this.follow();
  }

  /** Watches, unless it does or there is nothing to see. */
  follow() {
    if (this.over || !this.id || (this.watch && !this.watch.stop.signal.aborted)) return;
    this.watch = new Watch(this, this.client);
    void this.watch.run();
  }

  /** A snapshot that the server sent. Older ones than known are ignored. */
  /** @param {import("./types.js").Job} job @param {string|null} [etag] */
  accept(job, etag = null) {
    const known = this.state.job;
    if (known && job.version < known.version) return;
    if (known && isTerminal(known) && !isTerminal(job)) this.#again();
    this.id = job.id;
    this.etag = etag;
    this.partial.adopt(job.partial_result);
    this.set({ id: job.id, job, connection: isTerminal(job) ? "terminal" : "watching",
      partial: this.partial.value, error: null, since: null });
    if (isTerminal(job)) this.#finish(`${job.attempt}:${job.retries ?? 0}`);
  }

  /** An update of a stream: moves the bar and the text. Returns false when one is missing. */
  /** @param {import("./types.js").Update} update @param {string} [id] */
  update(update, id) {
    if (id) this.lastId = id;
    if (update.type === "reset" || update.type === "snapshot") this.seq = update.seq ?? -1;
    else if (update.seq !== undefined && update.seq <= this.seq) return true;
    const hole = this.seq >= 0 && update.seq !== undefined && update.seq > this.seq + 1;
    this.seq = update.seq ?? this.seq;
    if (update.type === "snapshot") this.partial.adopt((update.job ?? update).partial_result ?? update.partial);
    const whole = this.partial.apply(update);
    this.set({ job: moved(this.state.job, update), partial: this.partial.value });
    this.updates.tell(update);
    return whole && !hole;
  }

  /** @param {any} shown What another tab has. */
  adopt(shown) {
    this.partial.adopt(shown);
    this.set({ partial: this.partial.value });
  }

  pause() {
    if (this.state.since === null) this.set({ connection: "paused", since: this.client.env.now() });
  }

  resume() {
    if (this.state.since === null) return;
    const pausedMs = this.state.pausedMs + this.client.env.now() - this.state.since;
    this.set({ connection: "watching", since: null, pausedMs });
  }

  /** The server has no such job (any more), or will not take it. */
  /** @param {Refused} error */
  lose(error) {
    const gone = error.status === 404 || error.status === 410;
    const refused = this.id === null || !gone;
    const expires = Date.parse(this.state.job?.expires_at ?? "");
    const expired = error.status === 410 || expires <= this.client.env.now();
    const lost = refused ? error : new JobExpired(error.message);
    this.set({ connection: refused ? "refused" : expired ? "expired" : "gone", error: lost });
    this.#finish("lost");
  }

  /** @param {Record<string, any>} change */
  set(change) {
    this.state = { ...this.state, ...change };
    this.changes.tell(this.state);
  }

  /** Tells an end once. Somebody who listens has seen it. */
  /** @param {string} end */
  #finish(end) {
    if (this.announced === end) return;
    this.announced = end;
    this.watch?.stop.abort();
    const heard = this.finishes.size > 0;
    this.finishes.tell(this.state);
    this.client.finished(this, heard);
  }

  #again() {
    this.partial.clear();
    this.seq = -1;
  }

  #failure() {
    const { job, error } = this.state;
    if (error || !job) return error;
    if (job.status === "completed") return null;
    return job.status === "failed" ? new JobFailed(job) : new JobCancelled(job);
  }
}

/**
 * The job with what an update says; a later version than the update's stays as it is.
 * @param {import("./types.js").Job|null} job
 * @param {import("./types.js").Update} update
 */
function moved(job, update) {
  if (!job || isTerminal(job) || isTerminal(/** @type {any} */ (update))) return job;
  const older = update.version !== undefined && update.version < job.version;
  if (older || (update.attempt !== undefined && update.attempt < job.attempt)) return job;
  const { status, phase, message, progress, version, attempt, source } = update;
  const told = Object.entries({ status, phase, message, version, attempt, progress_source: source });
  const known = Object.fromEntries(told.filter(([, value]) => value !== undefined));
  if (update.cost) known.cost = { ...job.cost, ...update.cost };
  return { ...job, ...known, progress: Math.max(job.progress, Number(progress ?? 0)) };
}
