/**
 * A set of listeners. One that throws does not silence the others.
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
    tell(value) {
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
