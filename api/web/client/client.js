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

const FIRM_TRIES = 5;

/** All jobs of one user in one page. */
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
    this.closing = closing();
  }

  get closed() {
    return this.closing.signal.aborted;
  }

  /**
   * Asks for a job. The handle is there at once; its `sent` settles when the server has answered.
   * @param {import("./types.js").NewJob} wanted
   * @param {import("./types.js").SubmitOptions} [options]
   */
  start(wanted, options = {}) {
    const slot = options.slot && `${options.slot}:${fingerprint(wanted)}`;
    const same = (slot && this.slots.get(slot)) || (options.key && this.handles.get(options.key));
    if (same && !same.over) return same;
    const body = asked(wanted, options);
    const key = options.key ?? this.env.uuid();
    this.records.save({ key, type: body.type, sessionId: body.session_id, state: "sending",
      fingerprint: fingerprint(wanted), body, t: this.env.now() });
    const handle = this.handle({ key });
    handle.quiet = options.follow === false;
    if (slot) this.slots.set(slot, handle);
    this.send(handle, body, options);
    return handle;
  }

  /** The same, once the server has it. Raises Refused. */
  /** @param {import("./types.js").NewJob} wanted @param {import("./types.js").SubmitOptions} [options] */
  submit(wanted, options) {
    return this.start(wanted, options).sent;
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

  /** @param {Record<string, any>} [query] @returns {Promise<{jobs: any[], next_cursor?: string|null, counts?: any}>} */
  async list(query = {}) {
    const pairs = Object.entries(query).flatMap(([name, value]) =>
      [value].flat().filter((one) => one !== undefined).map((one) => [name, String(one)]));
    return (await this.http.send("GET", `/jobs?${new URLSearchParams(pairs)}`)).body ?? { jobs: [] };
  }

  /** What a job would cost; buys nothing. @param {import("./types.js").NewJob} wanted */
  async estimate(wanted) {
    return (await this.http.send("POST", "/jobs/estimate", { body: asked(wanted, {}) })).body;
  }

  /** @param {any} body @param {{key?: string}} [options] */
  async batch(body, { key = this.env.uuid() } = {}) {
    const headers = { "Idempotency-Key": key };
    return (await this.firmly("POST", "/batches", { body, headers })).body;
  }

  /** Lets go of everything; jobs go on. */
  close() {
    this.closing.abort();
    this.network.close();
  }

  // From here on for the client's own modules.

  /** The one handle of a job in this page. @param {{key?: string, id?: string}} names */
  handle({ key, id }) {
    const known = (key && this.handles.get(key)) || (id && this.handles.get(id));
    if (known) return known;
    const handle = new JobHandle(this, { key, id });
    if (key) this.handles.set(key, handle);
    if (id) this.handles.set(id, handle);
    return handle;
  }

  /** @param {JobHandle} handle @param {import("./types.js").NewJob} body @param {import("./types.js").SubmitOptions} options */
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
    if (handle.cancelWanted) handle.cancel().catch((error) => this.env.warn(String(error)));
  }

  /** @param {JobHandle} handle @param {Refused} error */
  refused(handle, error) {
    this.records.remove(/** @type {string} */ (handle.key));
    handle.lose(error);
  }

  /** A job cancelled before the server said its id: known to be unwanted, also after a reload. */
  /** @param {JobHandle} handle */
  dropUnsent(handle) {
    const intent = handle.key && this.records.find(handle.key);
    if (intent) this.records.save({ ...intent, cancel: true });
    return handle.sent.then(() => {}, () => {});
  }

  /** A request that is safe to repeat, a few times over network trouble. */
  /** @param {string} method @param {string} path @param {any} sent */
  async firmly(method, path, sent) {
    for (let failures = 1; ; failures += 1) {
      try {
        return await this.http.send(method, path, sent);
      } catch (error) {
        const again = error instanceof NoAnswer || (error instanceof Refused && !error.definite);
        if (!again || failures === FIRM_TRIES || this.closed) throw error;
        const wait = error instanceof Refused ? error.retryAfterMs : undefined;
        await this.network.sleep(wait ?? this.network.delay(failures), { deaf: wait !== undefined });
      }
    }
  }

  /** @param {JobHandle} handle @param {boolean} heard */
  finished(handle, heard) {
    for (const [slot, held] of this.slots) if (held === handle) this.slots.delete(slot);
    if (heard) this.saw(handle);
  }

  /** The user has seen the end of a job: nothing is left to recover. */
  /** @param {JobHandle} handle */
  saw(handle) {
    const intent = handle.key && this.records.find(handle.key);
    if (handle.key) this.records.remove(handle.key);
    if (!handle.id || !(intent || handle.state.recovered) || handle.state.connection !== "terminal") return;
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
    for (const [slot, held] of this.slots) if (held === handle) this.slots.delete(slot);
  }
}

/** What is sent: `input` is another name of `payload`. */
/** @param {import("./types.js").NewJob} wanted @param {import("./types.js").SubmitOptions} options */
function asked({ input, payload = input, ...rest }, { sessionId, maxCost }) {
  const body = { ...rest, payload };
  if (sessionId) body.session_id = sessionId;
  if (maxCost !== undefined) body.options = { ...body.options, max_cost: maxCost };
  return body;
}

/** A signal that others can also listen to by a function. */
function closing() {
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
