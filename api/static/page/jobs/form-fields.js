// The fields of a form: each with its label, help and error, linked for screen readers.
import { html } from "../lib/html.js";
import { words } from "../lib/text.js";
import { ListField, NumberField } from "./field-controls.js";

/** @typedef {import("./schema-fields.js").Field} Field */
/** @typedef {Record<string, string>} Errors By the path of the field. */

/**
 * @param {{fields: Field[], values: Record<string, any>, errors: Errors,
 *   change: (values: Record<string, any>) => void, path?: string}} props
 */
export function Fields({ fields, values, errors, change, path = "" }) {
  return fields.map((field) => {
    const set = (/** @type {unknown} */ value) => change({ ...values, [field.name]: value });
    const props = { field, value: values[field.name], set, errors, path: path + field.name };
    return field.kind === "group"
      ? html`<${Group} key=${field.name} ...${props} />`
      : html`<${FormField} key=${field.name} ...${props} />`;
  });
}

/**
 * @typedef {{field: Field, value: any, set: (value: any) => void, errors: Errors, path: string}}
 *   FieldProps
 */

/** @param {FieldProps} props */
function Group({ field, value, set, errors, path }) {
  return html`<fieldset class="group">
    <legend>${field.label}</legend>
    ${field.help && html`<p class="help">${field.help}</p>`}
    <${Fields}
      fields=${field.fields}
      values=${value ?? {}}
      errors=${errors}
      change=${set}
      path=${`${path}.`}
    />
  </fieldset>`;
}

/** @param {FieldProps} props */
function FormField({ field, value, set, errors, path }) {
  const id = `field-${path}`;
  const error = errors[path];
  const attributes = {
    id,
    name: path,
    "aria-describedby": `${id}-help`,
    "aria-invalid": error ? "true" : null,
    "aria-required": field.required ? "true" : null,
  };
  const isNumber = field.kind === "integer" || field.kind === "number";
  const optional = !field.required && !isNumber;
  return html`<div class=${`field${isNumber ? " short" : ""}`}>
    <label for=${field.kind === "list" ? `${id}-0` : id}
      >${field.label}${optional && html` <span class="optional">optional</span>`}</label
    >
    <${Control} field=${field} value=${value} set=${set} attributes=${attributes} />
    <p class="help" id=${`${id}-help`}>
      ${error ? html`<span class="wrong">${withSubject(error, field.label)}</span>` : field.help}
    </p>
  </div>`;
}

/** "is required" → "Theme is required". @param {string} error @param {string} label */
const withSubject = (error, label) => (/^is /.test(error) ? `${label} ${error}` : error);

/**
 * @typedef {{field: Field, value: any, set: (value: any) => void,
 *   attributes: Record<string, any>}} ControlProps
 */

/** @param {ControlProps} props */
export function Control({ field, value, set, attributes }) {
  const onInput = (/** @type {any} */ event) => set(event.target.value);
  const props = { field, value, set, attributes };
  switch (field.kind) {
    case "long":
      return html`<textarea
        ...${attributes}
        rows="3"
        maxlength=${field.maxSize}
        placeholder=${field.placeholder}
        value=${value}
        onInput=${onInput}
      />`;
    case "json":
      return html`<textarea
        ...${attributes}
        rows="4"
        class="code"
        spellcheck="false"
        value=${value}
        onInput=${onInput}
      />`;
    case "integer":
    case "number":
      return html`<${NumberField} ...${props} />`;
    case "yesno":
      return html`<input
        type="checkbox"
        ...${attributes}
        checked=${!!value}
        onChange=${(event) => set(event.target.checked)}
      />`;
    case "choice":
      return html`<select ...${attributes} onChange=${onInput}>
        ${!field.required && html`<option value="">—</option>`}
        ${(field.choices ?? []).map(
          (choice) =>
            html`<option key=${choice} value=${choice} selected=${String(choice) === String(value)}>
              ${words(choice)}
            </option>`,
        )}
      </select>`;
    case "list":
      return html`<${ListField} ...${props} control=${Control} />`;
    default:
      return html`<input
        type="text"
        autocomplete="off"
        ...${attributes}
        maxlength=${field.maxSize}
        placeholder=${field.placeholder}
        value=${value}
        onInput=${onInput}
      />`;
  }
}
