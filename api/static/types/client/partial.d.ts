/** The output so far, assembled from deltas that may arrive twice. */
export class Partial {
    /** @type {import("./types.js").Partial} */
    value: import("./types.js").Partial;
    /** @type {string|undefined} */
    step: string | undefined;
    /**
     * @param {import("./types.js").JobStateEvent} event
     * @returns {boolean} false when an earlier delta is missing.
     */
    apply(event: import("./types.js").JobStateEvent): boolean;
    /** Takes the output of a snapshot or of another tab, where it is longer. */
    /** @param {any} shown */
    adopt(shown: any): void;
    /** Clears the output for another attempt. */
    clear(): void;
    #private;
}
