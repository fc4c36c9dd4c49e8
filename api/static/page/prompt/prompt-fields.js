// The fields of a prompt: a text first, everything else below it.
import { html } from "../lib/html.js";
import { ImageFields } from "./image-fields.js";
import { variableNames } from "./prompt-payload.js";

/** @typedef {import("./prompt-payload.js").PromptValues} PromptValues */
/** @typedef {import("../jobs/advanced-options.js").Options} Options */

/** @type {[keyof PromptValues, string, string, Record<string, any>][]} */
const MORE = [
  ["system", "System", "How the model shall behave", { rows: 2 }],
  [
    "output_schema",
    "JSON Schema",
    "The result is then JSON that fits it, in place of text",
    { rows: 5, class: "code", spellcheck: false, placeholder: '{"type": "object", …}' },
  ],
];
/** @type {[keyof PromptValues, string, string, Record<string, any>][]} */
const NUMBERS = [
  [
    "max_output_tokens",
    "Max output tokens",
    "Bounds the length and the price",
    { placeholder: "4096", inputmode: "numeric" },
  ],
  [
    "temperature",
    "Temperature",
    "0 to 2; not every model has it",
    { placeholder: "as the model", inputmode: "decimal" },
  ],
];

/**
 * @param {{values: PromptValues, errors: Record<string, string>,
 *   change: (values: PromptValues) => void, options: Options,
 *   changeOptions: (options: Options) => void}} props
 */
export function PromptFields({ values, errors, change, options, changeOptions }) {
  const set = (/** @type {keyof PromptValues} */ name) => (/** @type {any} */ event) =>
    change({ ...values, [name]: event.target.value });
  const field = (/** @type {string} */ name) => ({
    name,
    value: values[name],
    error: errors[name],
    onInput: set(/** @type {keyof PromptValues} */ (name)),
  });
  const wrong = MORE.concat(NUMBERS).some(([name]) => errors[name]) || errors.parameters;
  return html`<${Field}
      ...${field("prompt")}
      label="Prompt"
      help="What the model shall do. {{name}} makes a variable."
      attributes=${{ rows: 6, placeholder: "Write a haiku about a drowned harbour town." }}
    />
    <${Variables} values=${values} error=${errors.variables} change=${change} />
    <${Field}
      name="model"
      value=${options.model}
      onInput=${(/** @type {any} */ event) =>
        changeOptions({ ...options, model: event.target.value })}
      label="Model"
      help="Leave empty for the default model"
      tag="input"
    />
    <details class="more" open=${wrong ? true : null}>
      <summary>System, JSON Schema, images, length</summary>
      ${MORE.map(
        ([name, label, help, attributes]) =>
          html`<${Field} key=${name} ...${field(name)} ...${{ label, help, attributes }} />`,
      )}
      <${ImageFields}
        images=${values.images}
        error=${errors.images}
        change=${(/** @type {any} */ images) => change({ ...values, images })}
      />
      <div class="pair">
        ${NUMBERS.map(
          ([name, label, help, attributes]) =>
            html`<${Field}
              key=${name}
              tag="input"
              ...${field(name)}
              ...${{ label, help, attributes }}
            />`,
        )}
      </div>
      <${Field}
        ...${field("parameters")}
        label="Parameters"
        help="Further fields of the request as JSON, as the provider names them: seed, tools …"
        attributes=${{ rows: 2, class: "code", spellcheck: false, placeholder: '{"seed": 7}' }}
      />
    </details>`;
}

/**
 * @param {{name: string, value: any, label: string, help: string, error?: string,
 *   onInput: (event: any) => void, tag?: string, attributes?: Record<string, any>}} props
 */
function Field({ name, value, label, help, error, onInput, tag = "textarea", attributes = {} }) {
  const id = name === "model" ? name : `field-${name}`;
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <${tag}
      id=${id}
      name=${name}
      aria-describedby=${`${id}-help`}
      aria-invalid=${error ? "true" : null}
      autocomplete="off"
      ...${attributes}
      value=${value}
      onInput=${onInput}
    />
    <p class="help" id=${`${id}-help`}>
      ${error ? html`<span class="wrong">${error}</span>` : help}
    </p>
  </div>`;
}

/**
 * A field for each name in double braces.
 * @param {{values: PromptValues, error?: string, change: (values: PromptValues) => void}} props
 */
function Variables({ values, error, change }) {
  const names = variableNames(values);
  if (!names.length) return null;
  const set = (/** @type {string} */ name) => (/** @type {any} */ event) =>
    change({ ...values, variables: { ...values.variables, [name]: event.target.value } });
  return html`<fieldset class="group">
    <legend>Variables</legend>
    ${error && html`<p class="help"><span class="wrong">${error}</span></p>`}
    ${names.map(
      (name) =>
        html`<${Field}
          key=${name}
          name=${`variable-${name}`}
          label=${name}
          help=""
          value=${values.variables[name] ?? ""}
          onInput=${set(name)}
          attributes=${{ rows: 1 }}
        />`,
    )}
  </fieldset>`;
}
