// The parts of Preact's hooks that the page uses.
type Cleanup = void | (() => void);
export function useEffect(run: () => Cleanup, inputs?: unknown[]): void;
export function useLayoutEffect(run: () => Cleanup, inputs?: unknown[]): void;
export function useMemo<T>(make: () => T, inputs: unknown[]): T;
export function useRef<T>(value: T): { current: T };
export function useState<T>(first: T | (() => T)): [T, (next: T | ((old: T) => T)) => void];
