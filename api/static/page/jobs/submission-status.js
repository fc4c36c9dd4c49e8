// What a person learns about a submission that was refused, or has no answer yet.
import { html, useEffect, useState } from "../lib/html.js";

/** @param {import("../lib/api.js").Refused} refused */
export function refusalText({ message, problem, status }) {
  if (problem.retry_at)
    return `${message} The budget resets on ${new Date(problem.retry_at).toLocaleString()}.`;
  if (status === 428) return "Not submitted. Nothing was charged.";
  const outsideOfTheForm = (problem.errors ?? []).filter(
    (/** @type {any} */ error) => !String(error.pointer ?? "").startsWith("/payload"),
  );
  const details = outsideOfTheForm.map(
    (/** @type {any} */ { pointer, header, parameter, detail }) =>
      `${pointer ?? header ?? parameter}: ${detail}`,
  );
  return [message, ...details].join(" ");
}

/**
 * Shown while it is unknown whether the server has the job.
 * @param {{handle: import("../lib/types.js").JobHandle|null}} props
 */
export function Unconfirmed({ handle }) {
  const [state, setState] = useState(handle?.snapshot());
  useEffect(() => (setState(handle?.snapshot()), handle?.subscribe(setState)), [handle]);
  if (!handle || state?.connection !== "uncertain") return null;
  return html`<p class="note" role="status">
    No response yet. Retrying with the same key, so only one job is created.
  </p>`;
}
