/**
 * The browser (or Node) as the client uses it.
 * @param {Record<string, any>} [given] Parts to use instead.
 * @returns {import("./types.js").Env}
 */
export function environment(given?: Record<string, any>): import("./types.js").Env;
/** A UUID of version 4. Plain http pages on a LAN have no `crypto.randomUUID`. */
export function uuid(): string;
/**
 * The same for the same type and payload, in any order of fields (FNV-1a, 32 bits: it tells a
 * double click from another wish, nothing more).
 * @param {any} value
 */
export function fingerprint(value: any): string;
