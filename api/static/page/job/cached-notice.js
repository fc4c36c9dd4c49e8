// Says how much of a job came from cached results, and offers to generate it again.
import { html, useState } from "../lib/html.js";
import { payload, Refused } from "../lib/api.js";
import { plural } from "../lib/text.js";
import { openSubmitted, submit } from "../jobs/submit.js";
import { showError } from "../ui/toasts.js";

/** @typedef {import("../lib/types.js").Job} Job */

/** @param {{job: Job}} props */
export function CachedNotice({ job }) {
  const [busy, setBusy] = useState(false);
  const { cache_hits: cached = 0, calls = 0 } = /** @type {any} */ (job.usage) ?? {};
  if (!cached) return null;
  const onClick = async () => {
    setBusy(true);
    await generateAgain(job).catch((error) => showError(`${job.id}-again`, error));
    setBusy(false);
  };
  const text = calls
    ? `Cached results for ${plural(cached, "call")} of ${cached + calls}. No charge for them.`
    : "Cached result from an identical job. No charge.";
  return html`<p class="note line cached">
    <span class="grow">${text}</span>
    <button class="small" disabled=${busy} onClick=${onClick}>
      ${busy ? "Submitting…" : "Generate again"}
    </button>
  </p>`;
}

/** Submits the same request as a new job that uses no cached result. @param {Job} job */
async function generateAgain(job) {
  const { type, session_id: session, tags, model } = job;
  const handle = submit({
    type,
    payload: await payload(job.id),
    options: { cache: "skip", ...(model ? { model } : {}) },
    ...(session ? { session_id: session } : {}),
    ...(tags?.length ? { tags } : {}),
  });
  await openSubmitted(handle).catch((error) => {
    if (!(error instanceof Refused) || error.status !== 428) throw error; // the cost was declined
  });
}
