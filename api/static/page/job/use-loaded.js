import { useEffect, useState } from "../lib/html.js";

/**
 * Loads again whenever `version` changes. Undefined until there is an answer, null after an error.
 * @template T
 * @param {() => Promise<T>} load
 * @param {string} version
 * @returns {T|null|undefined}
 */
export function useLoaded(load, version) {
  const [answer, setAnswer] = useState(/** @type {T|null|undefined} */ (undefined));
  useEffect(() => {
    let left = false;
    load().then(
      (next) => left || setAnswer(() => next),
      () => left || setAnswer(null),
    );
    return () => void (left = true);
  }, [version]);
  return answer;
}
