// Controls of several parts: a number with buttons, and a list.
import { html } from "../lib/html.js";

/** @typedef {import("./form-fields.js").ControlProps} ControlProps */

/** A number with buttons, for touch screens. @param {ControlProps} props */
export function NumberField({ field: { min, max, kind, label }, value, set, attributes }) {
  const step = (/** @type {number} */ by) =>
    set(Math.min(max ?? Infinity, Math.max(min ?? -Infinity, (Number(value) || 0) + by)));
  return html`<span class="stepper">
    <button
      type="button"
      aria-label=${`Less: ${label}`}
      disabled=${min !== undefined && Number(value) <= min}
      onClick=${() => step(-1)}
    >
      −
    </button>
    <input
      type="number"
      ...${attributes}
      min=${min}
      max=${max}
      step=${kind === "integer" ? 1 : "any"}
      value=${value}
      onInput=${(event) => set(event.target.value)}
    />
    <button
      type="button"
      aria-label=${`More: ${label}`}
      disabled=${max !== undefined && Number(value) >= max}
      onClick=${() => step(1)}
    >
      +
    </button>
  </span>`;
}

/**
 * A list of texts, numbers or choices.
 * @param {ControlProps & {control: unknown}} props `control`: the component of one item.
 */
export function ListField({ field, value, set, attributes, control }) {
  const { label, item, maxSize } = field;
  const setAt = (/** @type {number} */ i) => (/** @type {unknown} */ next) =>
    set(value.map((/** @type {unknown} */ old, /** @type {number} */ j) => (i === j ? next : old)));
  const removeAt = (/** @type {number} */ i) => () =>
    set(value.filter((/** @type {unknown} */ _, /** @type {number} */ j) => j !== i));
  const nameOf = (/** @type {number} */ i) => ({
    ...attributes,
    id: `${attributes.id}-${i}`,
    "aria-label": `${label}, ${i + 1}`,
  });
  return html`<div class="several">
    ${value.map(
      (/** @type {unknown} */ one, /** @type {number} */ i) =>
        html`<div class="line" key=${i}>
          <${control} field=${item} value=${one} set=${setAt(i)} attributes=${nameOf(i)} />
          <button
            type="button"
            class="small"
            aria-label=${`Remove ${i + 1}`}
            onClick=${removeAt(i)}
          >
            ✕
          </button>
        </div>`,
    )}
    ${(maxSize === undefined || value.length < maxSize) &&
    html`<button
      type="button"
      class="small"
      id=${value.length ? null : `${attributes.id}-0`}
      onClick=${() => set([...value, ""])}
    >
      Add one
    </button>`}
  </div>`;
}
