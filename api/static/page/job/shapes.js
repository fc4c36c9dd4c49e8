// What kind of value a result is. Pure.

const TITLE_KEYS = ["name", "title"];
const LORE = ["settings", "factions", "characters", "relics", "events"];

/** Whether it is a JSON object. @param {any} value */
export const isRecord = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The key of a value's title, or undefined. @param {any} value */
export const titleKey = (value) =>
  TITLE_KEYS.find((key) => typeof value[key] === "string" && value[key]);

/** Whether it is an object with a title. @param {any} value */
export const isEntity = (value) => isRecord(value) && titleKey(value) !== undefined;

/** Whether it is a list of objects with titles. @param {any} value */
export const isEntityList = (value) =>
  Array.isArray(value) && value.length > 0 && value.every(isEntity);

/** Whether it is a world: an outline, and lore that fits it. @param {any} value */
export const isWorld = (value) =>
  isRecord(value) && isRecord(value.outline) && LORE.some((key) => isEntityList(value[key]));
