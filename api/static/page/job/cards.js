// Cards for things with names. Their content comes from a model and is always shown as text.
import { html, useState } from "../lib/html.js";
import { words } from "../lib/text.js";
import { ValueTree } from "../ui/value-tree.js";
import { cardLayout } from "./card-layout.js";

const PAGE_SIZE = 60;

/** @typedef {import("./card-layout.js").Entity} Entity */

/** @param {{entities: Entity[]}} props */
export function Cards({ entities }) {
  const [shown, setShown] = useState(PAGE_SIZE);
  return html`<div class="cards">
      ${entities.slice(0, shown).map((entity, i) => html`<${Card} key=${i} entity=${entity} />`)}
    </div>
    ${entities.length > shown &&
    html`<button onClick=${() => setShown(shown + PAGE_SIZE)}>
      Show more of ${entities.length}
    </button>`}`;
}

/** @param {{entity: Entity}} props */
export function Card({ entity }) {
  const { title, subtitle, lead, chips, lines, secrets } = cardLayout(entity);
  return html`<article class="card">
    <h4>${title}</h4>
    ${subtitle.length > 0 && html`<p class="kicker">${subtitle.join(" · ")}</p>`}
    ${lead && html`<${Prose} text=${lead} />`}
    ${chips.map(
      ([name, values]) =>
        html`<div class="tags" key=${name}>
          <span class="label">${words(name)}</span>
          <ul>
            ${values.map((value, i) => html`<li key=${i}>${value}</li>`)}
          </ul>
        </div>`,
    )}
    ${lines.length > 0 &&
    html`<dl>
      ${lines.map(
        ([name, value]) =>
          html`<div key=${name}>
            <dt>${words(name)}</dt>
            <dd>${isScalar(value) ? String(value) : html`<${ValueTree} value=${value} />`}</dd>
          </div>`,
      )}
    </dl>`}
    ${secrets.map(
      ([name, text]) =>
        html`<details key=${name} class="secret">
          <summary>${words(name)}</summary>
          <p>${text}</p>
        </details>`,
    )}
  </article>`;
}

/** @param {unknown} value */
const isScalar = (value) => ["string", "number"].includes(typeof value);

/** Text in paragraphs. @param {{text: string}} props */
export function Prose({ text }) {
  return text
    .split(/\n{2,}/)
    .map((paragraph, i) => html`<p key=${i} class="prose">${paragraph}</p>`);
}
