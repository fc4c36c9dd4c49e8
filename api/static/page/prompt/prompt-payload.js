// From the form of a prompt to a payload, and from errors of the server to the form. Pure.
import { errorsByField, InvalidJson } from "../jobs/schema-fields.js";

const VARIABLE = /\{\{\s*([A-Za-z_][A-Za-z0-9_]{0,63})\s*\}\}/g;

/** @typedef {{name: string, url: string}} Image A picture: its address, or its content as data. */
/**
 * @typedef {{prompt: string, system: string, variables: Record<string, string>, images: Image[],
 *   output_schema: string, max_output_tokens: string|number, temperature: string|number,
 *   parameters: string}} PromptValues As they are typed.
 */
/** @type {PromptValues} */
export const NO_PROMPT = {
  prompt: "",
  system: "",
  variables: {},
  images: [],
  output_schema: "",
  max_output_tokens: "",
  temperature: "",
  parameters: "",
};

/** The names in double braces, in the order of the text. @param {PromptValues} values */
export const variableNames = ({ prompt, system }) => [
  ...new Set([...`${prompt}\n${system}`.matchAll(VARIABLE)].map(([, name]) => name)),
];

/**
 * The payload to send. Empty fields are left out; without any value, braces stay as they are.
 * @param {PromptValues} values
 * @returns {Record<string, any>} Throws InvalidJson.
 */
export function promptPayload(values) {
  const filled = variableNames(values)
    .map((name) => [name, values.variables[name]])
    .filter(([, value]) => value);
  const payload = {
    ...requestOf(values),
    variables: filled.length ? Object.fromEntries(filled) : undefined,
    output_schema: jsonOf(values, "output_schema", "JSON Schema"),
    max_output_tokens: numberOf(values.max_output_tokens),
    temperature: numberOf(values.temperature),
    parameters: jsonOf(values, "parameters", "Parameters"),
  };
  return Object.fromEntries(Object.entries(payload).filter(([, value]) => value !== undefined));
}

/** A prompt, or messages where there are images. @param {PromptValues} values */
function requestOf({ prompt, system, images }) {
  const urls = images.map(({ url }) => url.trim()).filter(Boolean);
  if (!urls.length) return { prompt, ...(system ? { system } : {}) };
  const content = [
    { type: "text", text: prompt },
    ...urls.map((url) => ({ type: "image_url", image_url: { url } })),
  ];
  const before = system ? [{ role: "system", content: system }] : [];
  return { messages: [...before, { role: "user", content }] };
}

/** @param {string|number} text */
const numberOf = (text) =>
  text === "" ? undefined : Number.isNaN(Number(text)) ? text : Number(text);

/** @param {PromptValues} values @param {"output_schema"|"parameters"} name @param {string} label */
function jsonOf(values, name, label) {
  if (!values[name].trim()) return undefined;
  try {
    return JSON.parse(values[name]);
  } catch (error) {
    throw new InvalidJson(label, name, /** @type {Error} */ (error).message);
  }
}

/**
 * The server's errors by field of the form.
 * @param {{pointer?: string|null, detail: string}[]} errors
 * @returns {Record<string, string>}
 */
export function promptErrors(errors) {
  const entries = Object.entries(errorsByField(errors)).map(([path, detail]) => {
    if (!path.startsWith("messages")) return [path.split(".")[0], detail];
    return [path.includes("image_url") ? "images" : "prompt", detail];
  });
  return Object.fromEntries(entries);
}
