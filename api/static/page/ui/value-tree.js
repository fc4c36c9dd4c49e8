// Any JSON value as a tree that can be opened. Long lists and texts are shown in parts.
import { html, useState } from "../lib/html.js";
import { words } from "../lib/text.js";

const PAGE_SIZE = 50;
const MAX_TEXT = 2000;
const OPEN_DEPTH = 2;

/** @param {{value: unknown, depth?: number}} props */
export function ValueTree({ value, depth = 0 }) {
  if (typeof value === "string") return html`<${Text} text=${value} />`;
  if (value === null || value === undefined) return html`<span class="nothing">none</span>`;
  if (typeof value === "boolean") return html`<span class="scalar">${value ? "yes" : "no"}</span>`;
  if (typeof value !== "object") return html`<span class="scalar">${String(value)}</span>`;
  const entries = Object.entries(value);
  if (!entries.length) return html`<span class="nothing">empty</span>`;
  return html`<${Branch} entries=${entries} isList=${Array.isArray(value)} depth=${depth} />`;
}

/** @param {{entries: [string, unknown][], isList: boolean, depth: number}} props */
function Branch({ entries, isList, depth }) {
  const [shown, setShown] = useState(PAGE_SIZE);
  return html`<ul class="tree">
    ${entries.slice(0, shown).map(([key, value]) => {
      const name = isList ? `${Number(key) + 1}` : words(key);
      return html`<li key=${key}>
        <${Entry} name=${name} value=${value} depth=${depth} />
      </li>`;
    })}
    ${entries.length > shown &&
    html`<li>
      <button class="small" onClick=${() => setShown(shown + PAGE_SIZE * 4)}>
        ${entries.length - shown} more
      </button>
    </li>`}
  </ul>`;
}

/** @param {{name: string, value: unknown, depth: number}} props */
function Entry({ name, value, depth }) {
  const [open, setOpen] = useState(depth < OPEN_DEPTH);
  if (typeof value !== "object" || value === null)
    return html`<span class="label">${name}</span> <${ValueTree} value=${value} />`;
  return html`<details open=${open} onToggle=${(event) => setOpen(event.currentTarget.open)}>
    <summary>
      <span class="label">${name}</span> <span class="nothing">${Object.keys(value).length}</span>
    </summary>
    ${open && html`<${ValueTree} value=${value} depth=${depth + 1} />`}
  </details>`;
}

/** @param {{text: string}} props */
function Text({ text }) {
  const [whole, setWhole] = useState(text.length <= MAX_TEXT);
  if (whole) return html`<span class="scalar">${text}</span>`;
  return html`<span class="scalar"
    >${text.slice(0, MAX_TEXT)}…${" "}
    <button class="small" onClick=${() => setWhole(true)}>all ${text.length} characters</button>
  </span>`;
}
