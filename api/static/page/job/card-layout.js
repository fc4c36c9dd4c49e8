// Where the members of a thing go on its card. Pure.
import { titleKey } from "./shapes.js";

const SHORT_TEXT = 90;
const SUBTITLE_KEYS = ["role", "type", "kind", "species", "date", "age", "era"];
const LEAD_KEYS = ["description", "summary", "text"];
const SECRET_KEYS = ["secret", "hidden", "twist"];

/**
 * @typedef {Record<string, any>} Entity
 * @typedef {{title: string, subtitle: string[], lead: string, chips: [string, string[]][],
 *   lines: [string, any][], secrets: [string, string][]}} CardLayout
 */

/** @param {Entity} entity @returns {CardLayout} */
export function cardLayout(entity) {
  const title = titleKey(entity) ?? "";
  const lead = LEAD_KEYS.find((key) => typeof entity[key] === "string") ?? "";
  const subtitle = SUBTITLE_KEYS.filter((key) => isShort(entity[key]));
  const placed = [title, lead, ...subtitle];
  const rest = Object.entries(entity).filter(
    ([key, value]) => !placed.includes(key) && !isEmpty(value),
  );
  const chips = rest.filter(([, value]) => Array.isArray(value) && value.every(isShortText));
  const secrets = rest.filter(
    ([key, value]) => SECRET_KEYS.includes(key) && typeof value === "string",
  );
  return {
    title: entity[title] ?? "",
    lead: entity[lead] ?? "",
    subtitle: subtitle.map((key) => (key === "age" ? `${entity.age} years` : String(entity[key]))),
    chips,
    lines: rest.filter((entry) => !chips.includes(entry) && !secrets.includes(entry)),
    secrets,
  };
}

/** @param {any} value */
const isShort = (value) =>
  ["string", "number"].includes(typeof value) && String(value).length <= SHORT_TEXT;

/** @param {any} value */
const isShortText = (value) => typeof value === "string" && value.length <= SHORT_TEXT;

/** @param {any} value */
const isEmpty = (value) =>
  value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length);
