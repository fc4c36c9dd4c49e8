// Preact and htm together: templates without a compiler, in which every value is text.
import { h, render } from "../../vendor/preact.js";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "../../vendor/hooks.js";
import htm from "../../vendor/htm.js";

export const html = htm.bind(h);
export { render, useEffect, useLayoutEffect, useMemo, useRef, useState };

/**
 * The value of a store; renders again whenever it changes.
 * @template T
 * @param {{get: () => T, subscribe: (listener: () => void) => () => void}} store
 * @returns {T}
 */
export function useStore(store) {
  const [, render] = useState({});
  useEffect(() => store.subscribe(() => render({})), [store]);
  return store.get();
}

/**
 * Calls `load` now and every `ms`; the latest answer, undefined before the first.
 * @template T
 * @param {() => Promise<T>} load
 * @param {number} ms
 * @returns {T|undefined}
 */
export function usePolled(load, ms) {
  const [answer, setAnswer] = useState(/** @type {T|undefined} */ (undefined));
  useEffect(() => {
    let left = false;
    const poll = async () => {
      const next = await load().catch(() => undefined);
      if (!left && next !== undefined) setAnswer(() => next);
    };
    void poll();
    const timer = setInterval(() => document.hidden || poll(), ms);
    return () => ((left = true), clearInterval(timer));
  }, []);
  return answer;
}

/**
 * The current time, updated every `ms` while `on`.
 * @param {number} ms
 * @param {boolean} [on]
 */
export function useNow(ms, on = true) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!on) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), ms);
    return () => clearInterval(timer);
  }, [ms, on]);
  return now;
}
