import { environment, fingerprint } from "./env.js";
import { LoresmithError, NoAnswer, Refused } from "./errors.js";
import { JobHandle } from "./handle.js";
import { Http } from "./http.js";
import { Network } from "./network.js";
import { Records } from "./records.js";
import { recover } from "./recover.js";
import { Streams } from "./streams.js";
import { deliver } from "./submit.js";
import { Feed } from "./feed.js";

const MAX_TRIES = 5;

/** The jobs of one user in one page. */
export class JobsClient {
  /** @param {import("./types.js").ClientOptions} [options] */
  constructor(options = {}) {
    this.env = environment(options.env);
    this.pollInterval = options.pollInterval ?? 3000;
    this.network = new Network(this.env, options.backoff);
    this.http = new Http(options, this.env, this.network);
    this.records = new Records(this.env, options.namespace ?? "anyone", options.storage);
    this.streams = new Streams(this.http, this.records, options.transport ?? "auto");
    /** @type {Map<string, JobHandle>} By key and by id. */
    this.handles = new Map();
    /** @type {Map<string, JobHandle>} */
    this.slots = new Map();
    this.feed = new Feed(this);
    /** @type {ReturnType<typeof recover>|null} */
    this.recovering = null;
    this.closing = closingSignal();
  }

  get closed() {
    return this.closing.signal.aborted;
  }

  /**
   * Submits a job and returns its handle at once. `handle.sent` settles with the answer.
   * @template {string} T
   * @param {import("./types.js").NewJob<T>} newJob
   * @param {import("./types.js").SubmitOptions} [options]
   * @returns {JobHandle<import("./types.js").ResultOf<T>>}
   */
  start(newJob, options = {}) {
    const slot = options.slot && `${options.slot}:${fingerprint(newJob)}`;
    const same = (slot && this.slots.get(slot)) || (options.key && this.handles.get(options.key));
    if (same && !same.over) return same;
    const body = requestBody(newJob, options);
    const key = options.key ?? this.env.uuid();
    this.records.save({
      key,
      type: body.type,
      sessionId: body.session_id,
      state: "sending",
      fingerprint: fingerprint(newJob),
      body,
      t: this.env.now(),
    });
    const handle = this.handle({ key });
    handle.quiet = options.follow === false;
    if (slot) this.slots.set(slot, handle);
    this.send(handle, body, options);
    return handle;
  }

  /**
   * Submits a job. Resolves to its handle once the server has it; rejects with Refused.
   * @template {string} T
   * @param {import("./types.js").NewJob<T>} newJob
   * @param {import("./types.js").SubmitOptions} [options]
   */
  submit(newJob, options) {
    return this.start(newJob, options).sent;
  }

  /** The handle of a job with a known id. @param {string} id @param {{interval?: number}} [how] */
  watch(id, { interval } = {}) {
    const handle = this.handle({ id });
    if (interval) handle.interval = interval;
    handle.follow();
    return handle;
  }

  /** Finds jobs again after a reload. @param {{sessionId?: string}} [which] */
  recover(which = {}) {
    this.recovering ??= recover(this, which).finally(() => (this.recovering = null));
    return this.recovering;
  }

  /**
   * Lists jobs, newest first.
   * @param {Record<string, unknown>} [query] The parameters of `GET /jobs`.
   * @returns {Promise<import("./types.js").Schemas["JobListResponse"]>}
   */
  async list(query = {}) {
    const pairs = Object.entries(query).flatMap(([name, value]) =>
      [value]
        .flat()
        .filter((one) => one !== undefined)
        .map((one) => [name, String(one)]),
    );
    return (await this.http.send("GET", `/jobs?${new URLSearchParams(pairs)}`)).body;
  }

  /**
   * Estimates the cost of a job without submitting it.
   * @template {string} T
   * @param {import("./types.js").NewJob<T>} newJob
   * @returns {Promise<import("./types.js").Schemas["EstimateResponse"]>}
   */
  async estimate(newJob) {
    return (await this.http.send("POST", "/jobs/estimate", { body: requestBody(newJob, {}) })).body;
  }

  /** Stops all requests; jobs keep running. */
  close() {
    this.closing.abort();
    this.network.close();
  }

  // Internal: for the other modules of the client.

  /** The one handle of a job in this page. @param {{key?: string, id?: string}} names */
  handle({ key, id }) {
    const known = (key && this.handles.get(key)) || (id && this.handles.get(id));
    if (known) return known;
    const handle = new JobHandle(this, { key, id });
    if (key) this.handles.set(key, handle);
    if (id) this.handles.set(id, handle);
    return handle;
  }

  /**
   * @param {JobHandle} handle
   * @param {import("./types.js").NewJob} body
   * @param {import("./types.js").SubmitOptions} options
   */
  send(handle, body, options) {
    handle.sent = deliver(this, handle, body, options).then(() => handle);
    handle.sent.catch(() => {});
  }

  /** @param {JobHandle} handle @param {import("./types.js").Job} job */
  acknowledged(handle, job) {
    this.records.acknowledge(/** @type {string} */ (handle.key), job.id);
    this.handles.set(job.id, handle);
    handle.resume();
    handle.accept(job);
    if (!handle.quiet) handle.follow();
    if (handle.cancelRequested) handle.cancel().catch((error) => this.env.warn(String(error)));
  }

  /** @param {JobHandle} handle @param {Refused} error */
  refused(handle, error) {
    this.records.remove(/** @type {string} */ (handle.key));
    handle.lost(error);
  }

  /** Stores that a job without an id was cancelled, so that a reload knows it. */
  /** @param {JobHandle} handle */
  dropUnsent(handle) {
    const intent = handle.key && this.records.find(handle.key);
    if (intent) this.records.save({ ...intent, cancel: true });
    return handle.sent.then(
      () => {},
      () => {},
    );
  }

  /** Sends an idempotent request, with retries after errors that may pass. */
  /** @param {string} method @param {string} path @param {any} sent */
  async sendWithRetries(method, path, sent) {
    for (let failures = 1; ; failures += 1) {
      try {
        return await this.http.send(method, path, sent);
      } catch (error) {
        const again = error instanceof NoAnswer || (error instanceof Refused && !error.definite);
        if (!again || failures === MAX_TRIES || this.closed) throw error;
        const wait = error instanceof Refused ? error.retryAfterMs : undefined;
        await this.network.sleep(wait ?? this.network.delay(failures), {
          fixed: wait !== undefined,
        });
      }
    }
  }

  /** @param {JobHandle} handle @param {boolean} announced */
  finished(handle, announced) {
    for (const [slot, other] of this.slots) if (other === handle) this.slots.delete(slot);
    if (announced) this.markSeen(handle);
  }

  /** Marks the end of a job as seen: there is nothing left to recover. */
  /** @param {JobHandle} handle */
  markSeen(handle) {
    const intent = handle.key && this.records.find(handle.key);
    if (handle.key) this.records.remove(handle.key);
    if (!handle.id || !(intent || handle.state.recovered) || handle.state.connection !== "terminal")
      return;
    const { recovered, pausedMs } = handle.state;
    const body = { recovered, paused_ms: Math.round(pausedMs) };
    const path = `/jobs/${encodeURIComponent(handle.id)}/seen`;
    this.http.send("POST", path, { body }).catch((error) => {
      if (!(error instanceof LoresmithError)) throw error;
    });
  }

  /** @param {JobHandle} handle */
  forget(handle) {
    for (const name of [handle.key, handle.id]) if (name) this.handles.delete(name);
    for (const [slot, other] of this.slots) if (other === handle) this.slots.delete(slot);
  }
}

/** The request body: `input` is an alias of `payload`. */
/**
 * @param {import("./types.js").NewJob} newJob
 * @param {import("./types.js").SubmitOptions} options
 */
function requestBody({ input, payload = input, ...rest }, { sessionId, maxCost }) {
  const body = { ...rest, payload };
  if (sessionId) body.session_id = sessionId;
  if (maxCost !== undefined) body.options = { ...body.options, max_cost: maxCost };
  return body;
}

/** An abort signal with `add`, which returns a function that removes the listener. */
function closingSignal() {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    abort: () => controller.abort(),
    /** @param {() => void} run */
    add(run) {
      controller.signal.addEventListener("abort", run);
      return () => controller.signal.removeEventListener("abort", run);
    },
  };
}
