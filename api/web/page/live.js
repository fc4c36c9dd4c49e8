// What a job writes, while it writes it.
import { html } from "./html.js";
import { sofar } from "./lenient.js";
import { Result } from "./result.js";

/** @param {{job: any, partial: {text: string, items: any[]}}} given */
export function Live({ job, partial }) {
  const writing = partial.text ? sofar(partial.text) : undefined;
  const shown = writing ?? (partial.items.length ? partial.items.filter(Boolean) : undefined);
  if (shown === undefined && !partial.text) {
    return html`<div class="live waiting" aria-busy="true"><p class="soft">${job.status === "pending" ? "It has not begun. What it writes appears here."
      : "The first words are on their way."}</p></div>`;
  }
  return html`<div class="live" aria-busy="true">${shown === undefined ? html`<pre>${partial.text}</pre>` : html`<${Result} value=${shown} type=${job.type} />`}
    <p class="soft writing">Still writing<span class="dots" aria-hidden="true" /></p></div>`;
}
