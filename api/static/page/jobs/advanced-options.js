// The fields of a new job that are the same for every type.
import { html } from "../lib/html.js";

/**
 * @typedef {{session: string, tags: string, model: string, max_cost: string|number,
 *   redact: string, priority: string, cache: string}} Options As they are typed.
 */
/** @type {Options} */
export const NO_OPTIONS = {
  session: "",
  tags: "",
  model: "",
  max_cost: "",
  redact: "",
  priority: "",
  cache: "skip",
};

const FIELDS = [
  ["session", "Session", "A label that groups related jobs"],
  ["tags", "Tags", "Separate with commas"],
  ["model", "Model", "Leave empty for the default model"],
  [
    "max_cost",
    "Max cost (USD)",
    "Rejected if the maximum cost is higher. Leave empty for the server limit.",
  ],
  ["redact", "Redact", "Kept from the model: email, phone, card, iban, key. Separate with commas"],
];
/** @type {[string, string, [string, string][]][]} */
const SELECTS = [
  [
    "priority",
    "Priority",
    [
      ["", "As usual for the type"],
      ["interactive", "Interactive: before your other jobs"],
      ["normal", "Normal"],
      ["batch", "Batch: after your other jobs"],
    ],
  ],
  [
    "cache",
    "Cache",
    [
      ["skip", "Always generate"],
      ["use", "Use cached result if available"],
      ["only", "Cached result only"],
    ],
  ],
];

/**
 * @param {{options: Options, change: (options: Options) => void, without: string[]}} props
 *   `without`: options that the form has elsewhere.
 */
export function AdvancedOptions({ options, change, without }) {
  const set = (/** @type {string} */ name) => (/** @type {any} */ event) =>
    change({ ...options, [name]: event.target.value });
  return html`<details class="more">
    <summary>Advanced options</summary>
    ${FIELDS.filter(([name]) => !without.includes(name)).map(
      ([name, label, help]) =>
        html`<div class="field" key=${name}>
          <label for=${name}>${label}</label>
          <input
            type="text"
            id=${name}
            value=${options[name]}
            inputmode=${name === "max_cost" ? "decimal" : null}
            onInput=${set(name)}
          />
          <p class="help">${help}</p>
        </div>`,
    )}
    ${SELECTS.map(
      ([name, label, choices]) =>
        html`<div class="field" key=${name}>
          <label for=${name}>${label}</label>
          <select id=${name} onChange=${set(name)}>
            ${choices.map(
              ([value, text]) =>
                html`<option key=${value} value=${value} selected=${value === options[name]}>
                  ${text}
                </option>`,
            )}
          </select>
        </div>`,
    )}
  </details>`;
}

/**
 * The options as members of a request; empty ones are left out. The server checks their values.
 * @param {Options} options
 * @returns {Partial<import("../lib/types.js").NewJob>}
 */
export function requestOptions({ session, tags, model, max_cost, redact, priority, cache }) {
  const [tagList, kinds] = [tags, redact].map((text) =>
    text
      .split(",")
      .map((word) => word.trim())
      .filter(Boolean),
  );
  /** @type {any} */
  const options = {
    ...(model ? { model } : {}),
    ...(max_cost ? { max_cost: Number.isNaN(Number(max_cost)) ? max_cost : Number(max_cost) } : {}),
    ...(kinds.length ? { redact: kinds } : {}),
    ...(priority ? { priority } : {}),
    ...(cache === "skip" ? {} : { cache }),
  };
  return {
    ...(session ? { session_id: session } : {}),
    ...(tagList.length ? { tags: tagList } : {}),
    ...(Object.keys(options).length ? { options } : {}),
  };
}
