/**
 * The parts of the browser, or of Node, that the client uses.
 * @param {Record<string, any>} [overrides] Parts to use instead.
 * @returns {import("./types.js").Env}
 */
export function environment(overrides = {}) {
  const g = /** @type {any} */ (globalThis);
  return {
    fetch: (...args) => g.fetch(...args),
    now: () => Date.now(),
    setTimeout: (run, ms) => g.setTimeout(run, ms),
    clearTimeout: (timer) => g.clearTimeout(timer),
    random: Math.random,
    uuid,
    window: g.window,
    document: g.document,
    navigator: g.navigator,
    locks: g.navigator?.locks,
    Channel: g.BroadcastChannel,
    storage: () => g.localStorage,
    warn: (text) => g.console.warn(`loresmith: ${text}`),
    ...overrides,
  };
}

/** A UUID of version 4. Plain http pages on a LAN have no `crypto.randomUUID`. */
export function uuid() {
  if (globalThis.crypto.randomUUID) return globalThis.crypto.randomUUID();
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

/**
 * A hash of a value that ignores the order of fields (FNV-1a, 32 bits: only good enough to
 * recognise a double click).
 * @param {any} value
 */
export function fingerprint(value) {
  let hash = 0x811c9dc5;
  for (const char of canonical(value)) {
    hash = Math.imul(hash ^ /** @type {number} */ (char.codePointAt(0)), 0x01000193);
  }
  return (hash >>> 0).toString(16);
}

/** @param {any} value @returns {string} */
function canonical(value) {
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(canonical)}]`;
  const fields = Object.keys(value)
    .sort()
    .filter((name) => value[name] !== undefined);
  return `{${fields.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`)}}`;
}
