// From a JSON Schema to the fields of a form, and from the form to a payload. Pure.
import { words } from "../lib/text.js";

/** A JSON Schema, as the server makes them. @typedef {Record<string, any>} Schema */

/**
 * @typedef {{kind: "text"|"long"|"integer"|"number"|"choice"|"yesno"|"list"|"group"|"json",
 *   name: string, label: string, help: string, required: boolean, value: any, min?: number,
 *   max?: number, maxSize?: number, choices?: any[], fields?: Field[], item?: Field,
 *   placeholder?: string}} Field
 */

const LONG_TEXT = 600;

/** The text of a JSON field cannot be parsed. */
export class InvalidJson extends Error {
  /** @param {string} label @param {string} [name] of the field @param {string} [reason] */
  constructor(label, name = "", reason = "") {
    super(`Invalid JSON in ${label}.`);
    this.errors = name ? { [name]: `Invalid JSON: ${reason}` } : {};
  }
}

/**
 * The fields for the properties of a schema.
 * @param {Schema} schema
 * @param {any} [example]
 * @returns {Field[]}
 */
export const fieldsOf = (schema, example = {}) => propertyFields(schema, schema, example);

/** @param {Schema} schema @param {Schema} root @param {any} example @returns {Field[]} */
function propertyFields(schema, root, example) {
  const required = schema.required ?? [];
  return Object.entries(schema.properties ?? {}).map(([name, property]) =>
    toField(name, property, root, { required: required.includes(name), value: example?.[name] }),
  );
}

/**
 * @param {string} name
 * @param {Schema} property
 * @param {Schema} root
 * @param {{required: boolean, value: any}} options
 * @returns {Field}
 */
function toField(name, property, root, { required, value }) {
  const schema = resolved(property, root);
  const initial = value ?? property.default ?? schema.default ?? null;
  return {
    name,
    label: labelOf(name, property.title ?? schema.title),
    help: property.description ?? schema.description ?? "",
    required,
    value: initial,
    placeholder: (property.examples ?? schema.examples)?.[0],
    ...kindOf(schema, root, initial),
  };
}

/**
 * The title, unless it only repeats the name.
 * @param {string} name
 * @param {string|undefined} title
 */
const labelOf = (name, title) =>
  title && title.toLowerCase() !== name.replaceAll("_", " ").toLowerCase() ? title : words(name);

/**
 * The schema with references followed and without "or null".
 * @param {Schema} schema
 * @param {Schema} root
 * @returns {Schema}
 */
function resolved(schema, root) {
  if (schema.$ref) return resolved(dereferenced(schema.$ref, root), root);
  const { anyOf, oneOf, allOf, ...rest } = schema;
  const options = (anyOf ?? oneOf ?? allOf ?? []).filter(
    (/** @type {Schema} */ option) => option.type !== "null",
  );
  return options.length === 1 ? { ...rest, ...resolved(options[0], root) } : schema;
}

/** @param {string} reference @param {Schema} root @returns {Schema} */
function dereferenced(reference, root) {
  const path = reference.replace(/^#\//, "").split("/");
  return (
    path.reduce((at, part) => at?.[part.replaceAll("~1", "/").replaceAll("~0", "~")], root) ?? {}
  );
}

/**
 * @param {Schema} schema
 * @param {Schema} root
 * @param {any} value
 * @returns {Pick<Field, "kind"> & Partial<Field>}
 */
function kindOf(schema, root, value) {
  const type = [schema.type].flat().find((one) => one !== "null");
  if (schema.enum || schema.const !== undefined)
    return { kind: "choice", choices: schema.enum ?? [schema.const] };
  if (type === "string") {
    const maxSize = schema.maxLength;
    return { kind: (maxSize ?? 0) > LONG_TEXT ? "long" : "text", maxSize };
  }
  if (type === "integer" || type === "number") {
    const min = schema.minimum ?? above(schema.exclusiveMinimum);
    return { kind: type, min, max: schema.maximum };
  }
  if (type === "boolean") return { kind: "yesno" };
  if (type === "object" && schema.properties)
    return { kind: "group", fields: propertyFields(schema, root, value) };
  if (type === "array" && schema.items) {
    const item = toField("", schema.items, root, { required: true, value: undefined });
    const simple = item.kind !== "group" && item.kind !== "json";
    return simple ? { kind: "list", item, maxSize: schema.maxItems } : { kind: "json" };
  }
  return { kind: "json" };
}

/** @param {number|undefined} bound */
const above = (bound) => (bound === undefined ? undefined : bound + 1);

/**
 * The values of an untouched form, by name.
 * @param {Field[]} fields
 * @returns {Record<string, any>}
 */
export const initialValues = (fields) =>
  Object.fromEntries(fields.map((field) => [field.name, initialValue(field)]));

/** @param {Field} field */
function initialValue({ kind, value, fields = [] }) {
  if (kind === "group") return initialValues(fields);
  if (kind === "list") return value ?? [];
  if (kind === "json") return value === null ? "" : JSON.stringify(value, null, 1);
  return value ?? (kind === "yesno" ? false : "");
}

/**
 * The payload to send. Empty fields are left out, so that the server's defaults apply.
 * @param {Field[]} fields
 * @param {Record<string, any>} values
 * @returns {Record<string, any>} Throws InvalidJson.
 */
export function payloadOf(fields, values) {
  const entries = fields.map((field) => [field.name, payloadValue(field, values[field.name])]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** @param {Field} field @param {any} value @returns {any} */
function payloadValue(field, value) {
  if (field.kind === "group") return groupValue(field, value ?? {});
  if (field.kind === "list") return listValue(field, value);
  if (value === "" || value === null || value === undefined) return undefined;
  if (field.kind === "json") return parsed(value, field.label);
  if (field.kind === "integer" || field.kind === "number")
    return Number.isNaN(Number(value)) ? value : Number(value);
  if (field.kind === "choice")
    return field.choices?.find((choice) => String(choice) === String(value)) ?? value;
  return value;
}

/** @param {Field} field @param {Record<string, any>} values */
function groupValue({ fields = [], required, value }, values) {
  const untouched = JSON.stringify(values) === JSON.stringify(initialValues(fields));
  return untouched && !required && value === null ? undefined : payloadOf(fields, values);
}

/** @param {Field} field @param {any[]} values */
function listValue({ item, required }, values) {
  const filled = values
    .filter((value) => value !== "")
    .map((value) => payloadValue(/** @type {Field} */ (item), value));
  return filled.length || required ? filled : undefined;
}

/** @param {string} text @param {string} label */
function parsed(text, label) {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidJson(label);
  }
}

/**
 * The server's validation errors by field: "/payload/theme" → "theme".
 * @param {{pointer?: string|null, detail: string}[]} errors
 * @returns {Record<string, string>}
 */
export function errorsByField(errors) {
  const entries = errors.map(({ pointer, detail }) => {
    const path = (pointer ?? "").replace(/^\/(payload|input)\/?/, "").replaceAll("/", ".");
    return [path, detail];
  });
  return Object.fromEntries(entries);
}
