// Any value, as a tree that opens; long lists and texts a piece at a time.
import { html, useState } from "./html.js";
import { words } from "./text.js";

const MOST = 50;
const LONG = 2000;
const OPEN_DEPTH = 2;

/** @param {{value: any, depth?: number}} given */
export function Tree({ value, depth = 0 }) {
  if (typeof value === "string") return html`<${Long} text=${value} />`;
  if (value === null || value === undefined) return html`<span class="nothing">none</span>`;
  if (typeof value !== "object") return html`<span class="scalar">${typeof value === "boolean" ? (value ? "yes" : "no") : String(value)}</span>`;
  const entries = Object.entries(value);
  if (!entries.length) return html`<span class="nothing">empty</span>`;
  return html`<${Branch} entries=${entries} list=${Array.isArray(value)} depth=${depth} />`;
}

/** @param {{entries: [string, any][], list: boolean, depth: number}} given */
function Branch({ entries, list, depth }) {
  const [most, setMost] = useState(MOST);
  return html`<ul class="tree">${entries.slice(0, most).map(([name, value]) => html`<li key=${name}><${Leaf} name=${list ? `${Number(name) + 1}` : words(name)} value=${value} depth=${depth} /></li>`)}
    ${entries.length > most && html`<li><button class="small" onClick=${() => setMost(most + MOST * 4)}>${entries.length - most} more</button></li>`}</ul>`;
}

/** @param {{name: string, value: any, depth: number}} given */
function Leaf({ name, value, depth }) {
  const [open, setOpen] = useState(depth < OPEN_DEPTH);
  if (typeof value !== "object" || value === null) return html`<span class="label">${name}</span> <${Tree} value=${value} />`;
  return html`<details open=${open} onToggle=${(event) => setOpen(event.currentTarget.open)}><summary><span class="label">${name}</span> <span class="nothing">${Object.keys(value).length}</span></summary>
    ${open && html`<${Tree} value=${value} depth=${depth + 1} />`}</details>`;
}

/** @param {{text: string}} given */
function Long({ text }) {
  const [whole, setWhole] = useState(text.length <= LONG);
  return html`<span class="scalar">${whole ? text : `${text.slice(0, LONG)}… `}${!whole && html`<button class="small" onClick=${() => setWhole(true)}>all ${text.length} characters</button>`}</span>`;
}
