/**
 * A set of listeners. If one throws, the others are still called.
 * @param {(text: string) => void} warn
 */
export function listeners(warn) {
  /** @type {Set<(value: any) => void>} */
  const all = new Set();
  return {
    /** @param {(value: any) => void} listener @returns {() => void} */
    add(listener) {
      all.add(listener);
      return () => void all.delete(listener);
    },
    /** @param {any} value */
    notify(value) {
      for (const listener of [...all]) {
        try {
          listener(value);
        } catch (error) {
          warn(`a listener threw ${error}`);
        }
      }
    },
    get size() {
      return all.size;
    },
  };
}
