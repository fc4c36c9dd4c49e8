// The fields of a form, each with its label, help and complaint tied to it for screen readers.
import { html } from "./html.js";
import { words } from "./text.js";

/** @param {{fields: import("./schema.js").Field[], values: any, wrong: Record<string, string>, change: (values: any) => void, path?: string}} given */
export function Fields({ fields, values, wrong, change, path = "" }) {
  return fields.map((field) => {
    const set = (/** @type {any} */ value) => change({ ...values, [field.name]: value });
    return html`<${Field} key=${field.name} field=${field} value=${values[field.name]} set=${set} wrong=${wrong} path=${path + field.name} />`;
  });
}

/** @param {any} given */
function Field({ field, value, set, wrong, path }) {
  if (field.kind === "group") {
    return html`<fieldset class="group"><legend>${field.label}</legend>${field.help && html`<p class="help">${field.help}</p>`}
      <${Fields} fields=${field.fields} values=${value ?? {}} wrong=${wrong} change=${set} path=${`${path}.`} /></fieldset>`;
  }
  const id = `field-${path}`;
  const complaint = wrong[path];
  const told = { id, name: path, "aria-describedby": `${id}-help`, "aria-invalid": complaint ? "true" : null, "aria-required": field.required ? "true" : null };
  const small = field.kind === "integer" || field.kind === "number";
  return html`<div class=${`field${small ? " short" : ""}`}>
    <label for=${field.kind === "list" ? `${id}-0` : id}>${field.label}${!field.required && !small && html` <span class="optional">optional</span>`}</label>
    <${Control} field=${field} value=${value} set=${set} told=${told} />
    <p class="help" id=${`${id}-help`}>${complaint ? html`<span class="wrong">${complaint}</span>` : field.help}</p>
  </div>`;
}

/** @param {any} given */
function Control({ field, value, set, told }) {
  const typed = (/** @type {any} */ event) => set(event.target.value);
  const hint = field.hint === undefined ? null : String(field.hint);
  switch (field.kind) {
    case "long": return html`<textarea ...${told} rows="3" maxlength=${field.most} placeholder=${hint} value=${value} onInput=${typed} />`;
    case "json": return html`<textarea ...${told} rows="4" class="code" spellcheck="false" value=${value} onInput=${typed} />`;
    case "integer": case "number": return html`<${Number_} field=${field} value=${value} set=${set} told=${told} />`;
    case "yesno": return html`<input type="checkbox" ...${told} checked=${!!value} onChange=${(event) => set(event.target.checked)} />`;
    case "choice": return html`<select ...${told} onChange=${typed}>${!field.required && html`<option value="">—</option>`}
      ${field.choices.map((one) => html`<option key=${one} value=${one} selected=${String(one) === String(value)}>${words(one)}</option>`)}</select>`;
    case "list": return html`<${Several} field=${field} value=${value} set=${set} told=${told} />`;
    default: return html`<input type="text" autocomplete="off" ...${told} maxlength=${field.most} placeholder=${hint} value=${value} onInput=${typed} />`;
  }
}

/** A number with buttons, for fingers. @param {any} given */
function Number_({ field: { min, max, kind, label }, value, set, told }) {
  const step = (/** @type {number} */ by) => set(Math.min(max ?? Infinity, Math.max(min ?? -Infinity, (Number(value) || 0) + by)));
  return html`<span class="stepper">
    <button type="button" aria-label=${`Less: ${label}`} disabled=${min !== undefined && Number(value) <= min} onClick=${() => step(-1)}>−</button>
    <input type="number" ...${told} min=${min} max=${max} step=${kind === "integer" ? 1 : "any"} value=${value} onInput=${(event) => set(event.target.value)} />
    <button type="button" aria-label=${`More: ${label}`} disabled=${max !== undefined && Number(value) >= max} onClick=${() => step(1)}>+</button></span>`;
}

/** A list of texts, numbers or choices. @param {any} given */
function Several({ field, value, set, told }) {
  const at = (/** @type {number} */ i) => (/** @type {any} */ one) => set(value.map((/** @type {any} */ old, /** @type {number} */ j) => (i === j ? one : old)));
  return html`<div class="several">
    ${value.map((one, i) => html`<div class="line" key=${i}><${Control} field=${field.item} value=${one} set=${at(i)}
        told=${{ ...told, id: `${told.id}-${i}`, "aria-label": `${field.label}, ${i + 1}` }} />
      <button type="button" class="small" aria-label=${`Remove ${i + 1}`} onClick=${() => set(value.filter((_, j) => j !== i))}>✕</button></div>`)}
    ${(field.most === undefined || value.length < field.most) && html`<button type="button" class="small" id=${value.length ? null : `${told.id}-0`} onClick=${() => set([...value, ""])}>Add one</button>`}
  </div>`;
}
