// Figures with their names, side by side.
import { html } from "../lib/html.js";

/** @param {{tiles: string[][]}} props Name and value of each. */
export function Tiles({ tiles }) {
  return html`<dl class="tiles">
    ${tiles.map(
      ([name, value]) =>
        html`<div key=${name}>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}
