/**
 * One value that others listen to.
 * @template T
 * @param {T} value
 */
export function store(value) {
  /** @type {Set<() => void>} */
  const listeners = new Set();
  return {
    get: () => value,
    /** @param {Partial<T>} change What is different, for a value that is an object. */
    set(change) {
      value = Array.isArray(change) ? change : { ...value, ...change };
      for (const listener of [...listeners]) listener();
    },
    /** @param {() => void} listener @returns {() => void} */
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
