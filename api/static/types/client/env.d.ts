/**
 * The parts of the browser, or of Node, that the client uses.
 * @param {Record<string, any>} [overrides] Parts to use instead.
 * @returns {import("./types.js").Env}
 */
export function environment(overrides?: Record<string, any>): import("./types.js").Env;
/** A UUID of version 4. Plain http pages on a LAN have no `crypto.randomUUID`. */
export function uuid(): string;
/**
 * A hash of a value that ignores the order of fields (FNV-1a, 32 bits: only good enough to
 * recognise a double click).
 * @param {any} value
 */
export function fingerprint(value: any): string;
