// The HTTP API in memory: one job per key, one purchase per job, events with ids.

const TERMINAL = ["completed", "failed", "cancelled", "skipped"];
const encoder = new TextEncoder();

export class Server {
  constructor(clock) {
    this.clock = clock;
    this.jobs = new Map();
    this.keys = new Map();
    this.requests = [];
    this.purchases = 0;
    this.seen = [];
    this.streams = new Set();
    this.streaming = true;
    this.lists = true;
    /** (request) => Response | undefined: an answer that a test sets. */
    this.answer = () => undefined;
  }

  handle(request) {
    this.requests.push(request);
    const { method, path, query } = request;
    const own = this.answer(request);
    if (own) return own;
    const [, root, id, verb] = path.split("/");
    if (path === "/events")
      return this.streaming ? this.#stream(null, request) : problem(404, "not-found");
    if (root !== "jobs") return problem(404, "not-found");
    if (!id) return method === "POST" ? this.#create(request) : this.#list(query);
    const job = this.jobs.get(id);
    if (!job) return problem(404, "job-not-found");
    if (verb === "events")
      return this.streaming ? this.#stream(job, request) : problem(404, "not-found");
    if (verb === "seen")
      return (this.seen.push({ id, ...request.body }), new Response(null, { status: 204 }));
    if (verb === "cancel") return this.#cancel(job);
    if (verb === "retry") return this.#retry(job);
    return this.#read(job, request);
  }

  /** Starts a job: one purchase, then progress. */
  work(id) {
    this.purchases += 1;
    this.change(id, { status: "processing", progress: 20, started_at: this.#time() });
  }

  /** Changes a job and sends the event to the streams. */
  change(id, fields, update = {}) {
    const job = this.jobs.get(id);
    Object.assign(job, fields, { version: job.version + 1 });
    const type = TERMINAL.includes(job.status) ? "done" : "status";
    this.emit(id, {
      type,
      status: job.status,
      progress: job.progress,
      version: job.version,
      attempt: job.attempt,
      ...update,
    });
  }

  emit(id, update) {
    const job = this.jobs.get(id);
    const event = { job_id: id, seq: job.log.length, ...update };
    job.log.push(event);
    for (const stream of this.streams) if (!stream.id || stream.id === id) stream.send(event);
    if (event.type === "done") this.cut((stream) => stream.id === id, "close");
  }

  finish(id, result = [{ name: "Aragorn" }]) {
    this.change(id, { status: "completed", progress: 100, result, completed_at: this.#time() });
  }

  fail(id, error = "The model refused") {
    this.change(id, { status: "failed", error, completed_at: this.#time() });
  }

  /** Ends streams: "close" as the server does, "error" as a lost connection does. */
  cut(which = () => true, how = "error") {
    for (const stream of [...this.streams].filter(which)) stream.end(how);
  }

  count(method, pattern = /./) {
    return this.requests.filter((one) => one.method === method && pattern.test(one.path)).length;
  }

  #create({ headers, body }) {
    const key = headers.get("Idempotency-Key");
    const print = JSON.stringify([body.type, body.payload]);
    const known = key && this.keys.get(key);
    if (known && known.print !== print) return problem(422, "idempotency-key-reused");
    if (known) return json(200, { ...this.#public(this.jobs.get(known.id)), reused: true });
    const id = `job-${this.jobs.size + 1}`;
    this.jobs.set(id, {
      id,
      type: body.type,
      status: "pending",
      progress: 0,
      version: 1,
      attempt: 1,
      retries: 0,
      message: "Preparing your request...",
      result: null,
      error: null,
      body,
      key,
      created_at: this.#time(),
      session_id: body.session_id ?? null,
      log: [],
    });
    if (key) this.keys.set(key, { id, print });
    return json(202, this.#public(this.jobs.get(id)), {
      Location: `/jobs/${id}`,
      "Retry-After": "3",
    });
  }

  #read(job, { headers }) {
    const etag = `"${job.version}"`;
    const common = { ETag: etag, ...(TERMINAL.includes(job.status) ? {} : { "Retry-After": "3" }) };
    if (headers.get("If-None-Match") === etag)
      return new Response(null, { status: 304, headers: common });
    return json(200, this.#public(job), common);
  }

  #list(query) {
    if (!this.lists) return problem(405, "method-not-allowed");
    const hasStatus = {
      active: (job) => !TERMINAL.includes(job.status),
      terminal: (job) => TERMINAL.includes(job.status),
    };
    const jobs = [...this.jobs.values()].filter(
      (job) =>
        (!query.get("idempotency_key") || job.key === query.get("idempotency_key")) &&
        (!query.get("session_id") || job.session_id === query.get("session_id")) &&
        (!query.get("completed_after") || job.completed_at > query.get("completed_after")) &&
        (hasStatus[query.get("status")] ?? (() => true))(job),
    );
    const rows = jobs.map((job) => ({ ...this.#public(job), result: null })); // as the server does
    return json(200, { jobs: rows, next_cursor: null });
  }

  #cancel(job) {
    if (job.status === "cancelled") return json(200, this.#public(job));
    if (TERMINAL.includes(job.status))
      return problem(409, "already-terminal", { job: this.#public(job) });
    this.change(job.id, { status: "cancelled", completed_at: this.#time() });
    return json(200, this.#public(job));
  }

  #retry(job) {
    if (!["failed", "cancelled"].includes(job.status)) return problem(409, "not-retryable");
    this.change(job.id, {
      status: "pending",
      progress: 0,
      error: null,
      retries: job.retries + 1,
      attempt: job.attempt + 1,
      completed_at: null,
    });
    return json(202, this.#public(job));
  }

  #stream(job, { headers, signal }) {
    if (job && TERMINAL.includes(job.status)) return new Response(null, { status: 204 });
    const streams = this.streams;
    let stream;
    const body = new ReadableStream({
      start: (controller) => {
        stream = connection(job?.id ?? null, controller, () => streams.delete(stream));
        streams.add(stream);
        stream.bytes(": hello\n\n");
        this.#beat(stream);
        const last = headers.get("Last-Event-ID");
        const missed = last === null ? [] : (job?.log ?? []).slice(Number(last.split(":")[1]) + 1);
        for (const event of missed) stream.send(event);
      },
      cancel: () => stream.end("gone"),
    });
    signal?.addEventListener("abort", () => stream.end("error"));
    return new Response(body, { status: 200, headers: { "Content-Type": "text/event-stream" } });
  }

  /** Sends a comment every 15 s, as the server does; `mute` simulates a proxy that buffers. */
  #beat(stream) {
    this.clock.set(() => {
      if (!this.streams.has(stream)) return;
      if (!this.mute) stream.bytes(": hb\n\n");
      this.#beat(stream);
    }, 15_000);
  }

  #public({ log, key, body, ...job }) {
    return structuredClone({ ...job, idempotency_key: key });
  }

  #time() {
    return new Date(this.clock.now()).toISOString();
  }
}

function connection(id, controller, leave) {
  let open = true;
  return {
    id,
    bytes: (text) => open && controller.enqueue(encoder.encode(text)),
    send(event) {
      this.bytes(`id: ${event.job_id}:${event.seq}\ndata: ${JSON.stringify(event)}\n\n`);
    },
    end(how) {
      if (!open) return;
      open = false;
      leave();
      if (how === "close") controller.close();
      if (how === "error") controller.error(new TypeError("network error"));
    },
  };
}

export function json(status, body, headers = {}) {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/json", ...headers },
  });
}

export function problem(status, code, more = {}, headers = {}) {
  return json(status, { status, code, title: code, detail: `no: ${code}`, ...more }, headers);
}
