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
 * One job in this page, from its submission to its result.
 * @template [R=unknown]
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
    this.cancelRequested = false;
    /** Whether it was submitted without following it. */
    this.quiet = false;
    /** @type {Watch|null} */
    this.watch = null;
    /** @type {import("./types.js").Snapshot<R>} */
    this.state = {
      id: this.id,
      key: this.key,
      job: null,
      connection: id ? "watching" : "sending",
      since: null,
      pausedMs: 0,
      recovered: false,
      partial: this.partial.value,
      error: null,
    };
    /** @type {Promise<this>} Settles when the server has, or refuses, the job. */
    this.sent = Promise.resolve(this);
  }

  /** @returns {import("./types.js").Snapshot<R>} The same object until something changes. */
  snapshot = () => this.state;

  /** @param {(state: import("./types.js").Snapshot<R>) => void} listener */
  subscribe = (listener) => this.changes.add(listener);

  /** Calls back once when the job ends, not for an end that was announced before. */
  /** @param {(state: import("./types.js").Snapshot<R>) => void} listener */
  onFinish = (listener) => this.finishes.add(listener);

  /** Whether the job has ended or is lost. */
  get over() {
    return LOST.includes(this.state.connection) || isTerminal(this.state.job);
  }

  /**
   * The completed job. Raises JobFailed, JobCancelled, JobExpired or Refused; never because of
   * the network.
   * @returns {Promise<import("./types.js").Job<R> & {result: R}>}
   */
  async done() {
    if (this.over) this.client.markSeen(this);
    else await new Promise((resolve) => this.finishes.add(resolve));
    const error = this.#failure();
    if (error) throw error;
    return /** @type {any} */ (this.state.job);
  }

  /** Yields every event of the job until its end. `break` stops listening, not the job. */
  async *events() {
    /** @type {import("./types.js").JobEvent[]} */
    const waiting = [];
    let wake = () => {};
    const leave = this.updates.add((update) => (waiting.push(update), wake()));
    const unsubscribe = this.subscribe(() => wake());
    try {
      for (;;) {
        while (waiting.length) yield /** @type {import("./types.js").JobEvent} */ (waiting.shift());
        if (this.over) return;
        await new Promise((resolve) => (wake = () => resolve(undefined)));
      }
    } finally {
      leave();
      unsubscribe();
    }
  }

  /** Cancels the job; before it has an id, as soon as it has one. Nothing else cancels it. */
  /** @param {string} [reason] */
  async cancel(reason) {
    if (!this.id) {
      this.cancelRequested = true;
      return this.client.dropUnsent(this);
    }
    try {
      await this.#act("cancel", reason ? { reason } : {});
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== "already-terminal") throw error;
      if (error.problem.job) this.accept(error.problem.job);
    }
  }

  /** Retries a failed or cancelled job. Finished steps are reused. */
  /** @param {{accept_duplicate_charge?: boolean}} [options] */
  async retry(options = {}) {
    const key = this.client.env.uuid();
    await this.#act("retry", { expected_attempt: this.state.job?.attempt, ...options }, key);
  }

  /** Stops watching in this page. The job keeps running and is recovered at the next visit. */
  detach() {
    this.watch?.stop.abort();
    this.watch = null;
    this.client.forget(this);
  }

  /** Stops watching when there are no listeners; `follow` resumes it. */
  rest() {
    if (this.changes.size + this.finishes.size + this.updates.size > 0) return;
    this.watch?.stop.abort();
    this.watch = null;
  }

  // Internal: for the other modules of the client.

  /** @param {string} verb @param {any} body @param {string} [key] */
  async #act(verb, body, key) {
    const headers = key ? { "Idempotency-Key": key } : undefined;
    const path = `/jobs/${encodeURIComponent(/** @type {string} */ (this.id))}/${verb}`;
    const answer = await this.client.sendWithRetries("POST", path, { body, headers });
    this.accept(answer.body);
    this.follow();
  }

  /** Watches the job, unless it is watched already or has ended. */
  follow() {
    if (this.over || !this.id || (this.watch && !this.watch.stop.signal.aborted)) return;
    this.watch = new Watch(this, this.client);
    void this.watch.run();
  }

  /** Takes a job from the server, unless a newer version is known. */
  /** @param {import("./types.js").Job<R>} job @param {string|null} [etag] */
  accept(job, etag = null) {
    const known = this.state.job;
    if (known && job.version < known.version) return;
    if (known && isTerminal(known) && !isTerminal(job)) this.#reset();
    this.id = job.id;
    this.etag = etag;
    this.partial.adopt(job.partial_result);
    this.set({
      id: job.id,
      job,
      connection: isTerminal(job) ? "terminal" : "watching",
      partial: this.partial.value,
      error: null,
      since: null,
    });
    if (isTerminal(job)) this.#finish(`${job.attempt}:${job.retries ?? 0}`);
  }

  /** Applies an event. Returns false when an earlier one is missing. */
  /** @param {import("./types.js").JobEvent} event @param {string} [id] */
  update(event, id) {
    if (id) this.lastId = id;
    if (event.type === "reset") this.seq = -1;
    else if (event.type === "snapshot") this.#adoptSnapshot(event);
    else return this.#advance(event);
    this.updates.notify(event);
    return true;
  }

  /** @param {import("./types.js").Schemas["JobSnapshotEvent"]} event */
  #adoptSnapshot({ seq, job }) {
    this.seq = seq;
    this.adopt(job?.partial_result);
  }

  /** @param {import("./types.js").JobStateEvent} event */
  #advance(event) {
    if (event.seq <= this.seq) return true;
    const hole = this.seq >= 0 && event.seq > this.seq + 1;
    this.seq = event.seq ?? this.seq;
    const whole = this.partial.apply(event);
    this.set({ job: moved(this.state.job, event), partial: this.partial.value });
    this.updates.notify(event);
    return whole && !hole;
  }

  /** @param {any} shown The output in another tab. */
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

  /** Notes that the server no longer has the job, or refused it. */
  /** @param {Refused} error */
  lost(error) {
    const isDeleted = error.status === 404 || error.status === 410;
    const refused = this.id === null || !isDeleted;
    const expires = Date.parse(this.state.job?.expires_at ?? "");
    const expired = error.status === 410 || expires <= this.client.env.now();
    const lost = refused ? error : new JobExpired(error.message);
    this.set({ connection: refused ? "refused" : expired ? "expired" : "gone", error: lost });
    this.#finish("lost");
  }

  /** @param {Record<string, any>} change */
  set(change) {
    this.state = { ...this.state, ...change };
    this.changes.notify(this.state);
  }

  /** Announces an end once. With a listener, it counts as seen. */
  /** @param {string} end */
  #finish(end) {
    if (this.announced === end) return;
    this.announced = end;
    this.watch?.stop.abort();
    const announced = this.finishes.size > 0;
    this.finishes.notify(this.state);
    this.client.finished(this, announced);
  }

  #reset() {
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
 * The job after an event; unchanged if it has ended or is of a later attempt.
 * @template R
 * @param {import("./types.js").Job<R>|null} job
 * @param {import("./types.js").JobStateEvent} event
 * @returns {import("./types.js").Job<R>|null}
 */
function moved(job, event) {
  if (!job || isTerminal(job) || isTerminal(event) || event.attempt < job.attempt) return job;
  const { status, phase, message, attempt, source } = event;
  const version = Math.max(job.version, event.seq ?? 0);
  const changes = Object.entries({ status, phase, message, attempt, progress_source: source });
  /** @type {import("./types.js").Partial_<import("./types.js").Job<R>>} */
  const known = Object.fromEntries(changes.filter(([, value]) => value !== undefined));
  if (event.type === "cost") known.cost = { ...job.cost, ...event.cost };
  if (event.type === "usage") known.usage = event.usage;
  return { ...job, ...known, version, progress: Math.max(job.progress, event.progress ?? 0) };
}
