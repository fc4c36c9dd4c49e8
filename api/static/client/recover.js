import { LoresmithError, Refused, Unsure } from "./errors.js";
import { isTerminal } from "./handle.js";

/**
 * Finds the jobs of this user: those that this browser submitted, and those of the session.
 * @param {import("./client.js").JobsClient} client
 * @param {{sessionId?: string}} which
 */
export async function recover(client, { sessionId }) {
  const intents = client.records.all();
  const own = await Promise.all(intents.map((intent) => resumeIntent(client, intent)));
  const listed = sessionId ? await ofSession(client, sessionId) : [];
  const handles = [...new Set([...own, ...listed])].filter((handle) => handle.state.error === null);
  const unsure = own.filter((handle) => handle.state.error instanceof Unsure);
  client.records.write("visited", String(client.env.now()));
  return {
    resumed: handles.filter((handle) => !isTerminal(handle.state.job)),
    completedWhileAway: handles.filter((handle) => isTerminal(handle.state.job)),
    unsure,
  };
}

/** @param {import("./client.js").JobsClient} client @param {import("./types.js").Intent} intent */
async function resumeIntent(client, intent) {
  const { key, id, body, cancel = false } = intent;
  const known = client.handles.get(key);
  if (known) return known.id ? looked(known) : known;
  const handle = client.handle({ key, id });
  handle.cancelRequested = cancel;
  handle.set({ recovered: true });
  if (!id) await settle(client, handle, body);
  else await looked(handle);
  return handle;
}

/** Follows a job, and waits for the first read. */
/** @param {import("./handle.js").JobHandle} handle */
async function looked(handle) {
  handle.follow();
  await handle.watch?.look();
  return handle;
}

/** Resolves an intent without an answer: finds the job by its key, or sends it again. */
/** @param {import("./client.js").JobsClient} client @param {import("./handle.js").JobHandle} handle
 *  @param {import("./types.js").NewJob|undefined} body */
async function settle(client, handle, body) {
  const job = await byKey(client, /** @type {string} */ (handle.key));
  if (job) return client.acknowledged(handle, job);
  if (body) return void client.send(handle, body, {});
  const error = new Unsure("It is unknown whether a job was accepted");
  handle.set({ connection: "uncertain", error });
}

/** The job with a key; undefined also when the server cannot answer: a resend is safe. */
/** @param {import("./client.js").JobsClient} client @param {string} key */
async function byKey(client, key) {
  const jobs = await listed(client, { idempotency_key: key });
  const row = jobs.find((job) => job.idempotency_key === undefined || job.idempotency_key === key);
  return row && whole(client, row.id);
}

/** The job of a list row, which has no result. */
/** @param {import("./client.js").JobsClient} client @param {string} id */
async function whole(client, id) {
  try {
    return (await client.http.send("GET", `/jobs/${encodeURIComponent(id)}`)).body;
  } catch (error) {
    if (error instanceof LoresmithError) return undefined;
    throw error;
  }
}

/** @param {import("./client.js").JobsClient} client @param {string} sessionId */
async function ofSession(client, sessionId) {
  const visited = Number(client.records.read("visited") ?? 0);
  const since = visited ? { completed_after: new Date(visited).toISOString() } : null;
  const active = await listed(client, { status: "active", session_id: sessionId });
  const ended = since
    ? await listed(client, { status: "terminal", session_id: sessionId, ...since })
    : [];
  return Promise.all(
    [...active, ...ended].map(async (job) => {
      const handle = client.handles.get(job.id) ?? client.handle({ id: job.id });
      if (!handle.state.job) handle.set({ recovered: true });
      return looked(handle);
    }),
  );
}

/** A server without lists is no reason to complain: what this browser wrote down is enough. */
/** @param {import("./client.js").JobsClient} client @param {Record<string, any>} query
 *  @returns {Promise<any[]>} */
async function listed(client, query) {
  try {
    return (await client.list(query)).jobs ?? [];
  } catch (error) {
    if (error instanceof Refused || error instanceof LoresmithError) return [];
    throw error;
  }
}
