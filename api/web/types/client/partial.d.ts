/** What is written so far, put together from pieces that may come twice. */
export class Partial {
    /** @type {import("./types.js").Partial} */
    value: import("./types.js").Partial;
    /** @type {string|undefined} */
    step: string | undefined;
    /**
     * @param {import("./types.js").Update} update
     * @returns {boolean} false when a piece in front of this one is missing.
     */
    apply(update: import("./types.js").Update): boolean;
    /** What a snapshot of the server, or another tab, has. */
    /** @param {any} shown */
    adopt(shown: any): void;
    /** Another attempt writes anew. */
    clear(): void;
    #private;
}
