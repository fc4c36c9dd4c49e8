// A job that was answered from the kept answer of an identical one.
import { html, useState } from "./html.js";
import { payload, Refused } from "./api.js";
import { shown, start } from "./send.js";
import { say } from "./toast.js";
import { many } from "./text.js";

/** Says how much of a job was not generated for it, and offers to. @param {{job: any}} given */
export function Kept({ job }) {
  const [busy, setBusy] = useState(false);
  const { cache_hits: kept = 0, calls = 0 } = job.usage ?? {};
  if (!kept) return null;
  const anew = async () => {
    setBusy(true);
    await again(job).catch((error) => say({ key: `${job.id}-anew`, bad: true, text: error.message }));
    setBusy(false);
  };
  const told = calls ? `${many(kept, "call")} of ${kept + calls} took an answer that was kept, for nothing.`
    : "An identical job was answered before: this is its answer, for nothing.";
  return html`<p class="note line kept"><span class="grow">${told}</span><button class="small" disabled=${busy} onClick=${anew}>${busy ? "Sending…" : "Generate it anew"}</button></p>`;
}

/** The same request as a new job, with nothing kept. @param {any} job */
async function again(job) {
  const { type, session_id: session, tags, model } = job;
  const options = { cache: "skip", ...(model ? { model } : {}) };
  const body = { type, payload: await payload(job.id), options, ...(session ? { session_id: session } : {}), ...(tags?.length ? { tags } : {}) };
  await shown(start(body)).catch((error) => {
    if (!(error instanceof Refused) || error.status !== 428) throw error; // the price was not agreed to
  });
}
