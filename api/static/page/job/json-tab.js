// The job as JSON.
import { address } from "../lib/api.js";
import { html } from "../lib/html.js";
import { count, curl } from "../lib/text.js";
import { Command, CopyButton } from "../ui/copy.js";

const MAX_SHOWN = 200_000;

/** @param {{job: import("../lib/types.js").Job}} props */
export function JsonTab({ job }) {
  const text = JSON.stringify(job, null, 2);
  const left = text.length - MAX_SHOWN;
  const shown =
    left > 0 ? `${text.slice(0, MAX_SHOWN)}\n… ${count(left)} more characters: use Download` : text;
  const path = `/jobs/${job.id}`;
  return html`<${Command} text=${curl("GET", address(path))} label="Copy as curl" />
    <div class="line raw">
      <h3 class="small-title">The job</h3>
      <span class="grow" />
      <${CopyButton} label="Copy JSON" text=${text} />
      <a class="button small" href=${address(path)} download=${`${job.id}.json`}>Download</a>
    </div>
    <pre class="json" tabindex="0">${shown}</pre>`;
}
