/**
 * A set of listeners. If one throws, the others are still called.
 * @param {(text: string) => void} warn
 */
export function listeners(warn: (text: string) => void): {
    /** @param {(value: any) => void} listener @returns {() => void} */
    add(listener: (value: any) => void): () => void;
    /** @param {any} value */
    notify(value: any): void;
    readonly size: number;
};
