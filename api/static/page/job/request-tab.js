// The request that made a job, and a command that makes the same job again.
import { html } from "../lib/html.js";
import { address, payload } from "../lib/api.js";
import { curl } from "../lib/text.js";
import { Command } from "../ui/copy.js";
import { ValueTree } from "../ui/value-tree.js";
import { useLoaded } from "./use-loaded.js";

/** @param {{job: import("../lib/types.js").Job}} props */
export function RequestTab({ job }) {
  const loaded = useLoaded(() => payload(job.id), job.id);
  if (loaded === undefined) return html`<p class="soft">Loading…</p>`;
  const { model, priority } = job;
  const options = {
    ...(model ? { model } : {}),
    ...(priority && priority !== "normal" ? { priority } : {}),
  };
  const body = {
    type: job.type,
    payload: loaded ?? {},
    ...(Object.keys(options).length ? { options } : {}),
  };
  return html`<${ValueTree} value=${loaded ?? {}} />
    ${job.tags?.length > 0 && html`<p class="soft">Tags: ${job.tags.join(", ")}</p>`}
    <h3 class="small-title">Run again with curl</h3>
    <${Command} text=${curl("POST", address("/jobs"), body)} label="Copy as curl" />`;
}
