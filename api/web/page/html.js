// Preact and htm as one thing: templates without a build, in which every value is text.
import { h, render } from "../vendor/preact.js";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "../vendor/hooks.js";
import htm from "../vendor/htm.js";

export const html = htm.bind(h);
export { render, useEffect, useLayoutEffect, useMemo, useRef, useState };

/**
 * The value of a store, and a new look whenever it changes.
 * @template T
 * @param {{get: () => T, subscribe: (listener: () => void) => () => void}} store
 * @returns {T}
 */
export function useStore(store) {
  const [, look] = useState({});
  useEffect(() => store.subscribe(() => look({})), [store]);
  return store.get();
}

/** Runs `ask` now and every `ms`, and gives its latest answer. @param {() => Promise<any>} ask @param {number} ms */
export function useRepeated(ask, ms) {
  const [answer, setAnswer] = useState(undefined);
  useEffect(() => {
    let over = false;
    const look = async () => {
      const told = await ask().catch(() => undefined);
      if (!over && told !== undefined) setAnswer(told);
    };
    void look();
    const timer = setInterval(() => document.hidden || look(), ms);
    return () => ((over = true), clearInterval(timer));
  }, []);
  return answer;
}

/** The time, every `ms`; not at all while `on` is false. @param {number} ms @param {boolean} [on] */
export function useNow(ms, on = true) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!on) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), ms);
    return () => clearInterval(timer);
  }, [ms, on]);
  return Math.max(now, 0);
}
