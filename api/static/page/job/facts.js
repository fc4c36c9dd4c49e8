// Names and values side by side.
import { html } from "../lib/html.js";

/** @param {{facts: [string, unknown][]}} props */
export function Facts({ facts }) {
  return html`<dl class="facts">
    ${facts.map(
      ([name, value]) =>
        html`<div key=${name}>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}
