// From a JSON Schema to the fields of a form. Pure.
import { words } from "./text.js";

/**
 * @typedef {{kind: "text"|"long"|"integer"|"number"|"choice"|"yesno"|"list"|"group"|"json", name: string, label: string,
 *   help: string, required: boolean, value: any, min?: number, max?: number, most?: number, choices?: any[],
 *   fields?: Field[], item?: Field, hint?: string}} Field
 */

const LONG = 300;

/** What a schema asks for, as fields. @param {any} schema @param {any} [example] @returns {Field[]} */
export const fieldsOf = (schema, example = {}) => properties(schema, schema, example);

/** @param {any} schema @param {any} root @param {any} example @returns {Field[]} */
function properties(schema, root, example) {
  const required = schema.required ?? [];
  return Object.entries(schema.properties ?? {}).map(([name, told]) =>
    field(name, told, root, { required: required.includes(name), value: example?.[name] }));
}

/** @param {string} name @param {any} told @param {any} root @param {{required: boolean, value: any}} how @returns {Field} */
function field(name, told, root, { required, value }) {
  const one = plain(told, root);
  const merged = { ...one, description: told.description ?? one.description, title: told.title ?? one.title };
  const given = value ?? told.default ?? one.default ?? null;
  const base = { name, label: named(name, merged.title), help: merged.description ?? "", required, value: given,
    hint: (told.examples ?? one.examples)?.[0] };
  return { ...base, ...sort(merged, root, given) };
}

/** A title that is only the name in capitals says no more than the name. @param {string} name @param {string|undefined} title */
const named = (name, title) => (title && title.toLowerCase() !== name.replaceAll("_", " ").toLowerCase() ? title : words(name));

/** The schema itself, without references and without "or null". @param {any} told @param {any} root @returns {any} */
function plain(told, root) {
  if (told.$ref) return plain(followed(told.$ref, root), root);
  const wholes = (told.anyOf ?? told.oneOf ?? told.allOf ?? []).filter((one) => one.type !== "null");
  return wholes.length === 1 ? { ...told, anyOf: undefined, oneOf: undefined, allOf: undefined, ...plain(wholes[0], root) } : told;
}

/** @param {string} reference @param {any} root */
function followed(reference, root) {
  const path = reference.replace(/^#\//, "").split("/");
  return path.reduce((at, part) => at?.[part.replaceAll("~1", "/").replaceAll("~0", "~")], root) ?? {};
}

/** @param {any} one @param {any} root @param {any} value @returns {any} */
function sort(one, root, value) {
  const type = Array.isArray(one.type) ? one.type.find((/** @type {string} */ t) => t !== "null") : one.type;
  if (one.enum || one.const !== undefined) return { kind: "choice", choices: one.enum ?? [one.const] };
  if (type === "string") return { kind: (one.maxLength ?? 0) > LONG * 2 ? "long" : "text", most: one.maxLength };
  if (type === "integer" || type === "number") return { kind: type, min: one.minimum ?? more(one.exclusiveMinimum), max: one.maximum };
  if (type === "boolean") return { kind: "yesno" };
  if (type === "object" && one.properties) return { kind: "group", fields: properties(one, root, value) };
  if (type === "array" && one.items) {
    const item = field("", one.items, root, { required: true, value: undefined });
    return item.kind === "group" || item.kind === "json" ? { kind: "json" } : { kind: "list", item, most: one.maxItems };
  }
  return { kind: "json" };
}

/** @param {number|undefined} bound */
const more = (bound) => (bound === undefined ? undefined : bound + 1);

/** What the form holds at first, by name. @param {Field[]} fields @returns {Record<string, any>} */
export function beginning(fields) {
  return Object.fromEntries(fields.map((one) => [one.name,
    one.kind === "group" ? beginning(one.fields ?? []) : one.kind === "json" ? written(one.value)
      : one.kind === "list" ? one.value ?? [] : one.value ?? (one.kind === "yesno" ? false : "")]));
}

/** @param {any} value */
const written = (value) => (value === null || value === undefined ? "" : JSON.stringify(value, null, 1));

/**
 * What is sent: fields left empty are left out, so that the server's defaults hold.
 * @param {Field[]} fields
 * @param {Record<string, any>} values
 * @returns {Record<string, any>} Raises SyntaxError for JSON that is none.
 */
export function payloadOf(fields, values) {
  const told = fields.map((one) => [one.name, valueOf(one, values[one.name])]);
  return Object.fromEntries(told.filter(([, value]) => value !== undefined));
}

/** @param {Field} one @param {any} value @returns {any} */
function valueOf(one, value) {
  if (one.kind === "group") {
    const untouched = JSON.stringify(value ?? {}) === JSON.stringify(beginning(one.fields ?? []));
    return untouched && !one.required && one.value === null ? undefined : payloadOf(one.fields ?? [], value ?? {});
  }
  if (one.kind === "list") {
    const kept = value.filter((/** @type {any} */ each) => each !== "").map((/** @type {any} */ each) => valueOf(/** @type {Field} */ (one.item), each));
    return kept.length || one.required ? kept : undefined;
  }
  if (value === "" || value === null || value === undefined) return undefined;
  if (one.kind === "json") return JSON.parse(value);
  if (one.kind === "integer" || one.kind === "number") return Number.isNaN(Number(value)) ? value : Number(value);
  if (one.kind === "choice") return one.choices?.find((choice) => String(choice) === String(value)) ?? value;
  return value;
}

/** The server's complaints by field: "/payload/theme" → "theme". @param {any[]} errors @returns {Record<string, string>} */
export function complaints(errors) {
  const told = errors.map(({ pointer, detail }) =>
    [String(pointer ?? "").replace(/^\/(payload|input)\/?/, "").replaceAll("/", "."), detail]);
  return Object.fromEntries(told);
}
