/**
 * A set of listeners. One that throws does not silence the others.
 * @param {(text: string) => void} warn
 */
export function listeners(warn: (text: string) => void): {
    /** @param {(value: any) => void} listener @returns {() => void} */
    add(listener: (value: any) => void): () => void;
    /** @param {any} value */
    tell(value: any): void;
    readonly size: number;
};
