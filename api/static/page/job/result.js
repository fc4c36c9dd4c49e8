// A result to read: a world as a page, named things as cards, anything else as a tree.
import { html } from "../lib/html.js";
import { words } from "../lib/text.js";
import { ValueTree } from "../ui/value-tree.js";
import { Card, Cards, Prose } from "./cards.js";
import { isEntity, isEntityList, isRecord, isWorld } from "./shapes.js";
import { World } from "./world.js";

/** @param {{value: any}} props */
export function Result({ value }) {
  if (isWorld(value)) return html`<${World} world=${value} />`;
  if (isEntityList(value)) return html`<${Cards} entities=${value} />`;
  if (!isRecord(value)) return html`<div class="lore"><${ValueTree} value=${value} /></div>`;
  const keys = Object.keys(value);
  if (keys.length === 1 && isEntityList(value[keys[0]]))
    return html`<${Cards} entities=${value[keys[0]]} />`;
  if (isEntity(value)) return html`<div class="cards one"><${Card} entity=${value} /></div>`;
  return html`<div class="lore">
    ${keys.map(
      (key) =>
        html`<section key=${key}>
          <h3>${words(key)}</h3>
          <${Member} value=${value[key]} />
        </section>`,
    )}
  </div>`;
}

/** @param {{value: any}} props */
function Member({ value }) {
  if (isEntityList(value)) return html`<${Cards} entities=${value} />`;
  if (typeof value === "string") return html`<${Prose} text=${value} />`;
  return html`<${ValueTree} value=${value} />`;
}
