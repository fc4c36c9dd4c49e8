/**
 * What this browser wants, written down before it is sent. One storage item for each intent, so
 * that tabs never overwrite each other. Without storage they live as long as the page.
 */
export class Records {
    /**
     * @param {import("./types.js").Env} env
     * @param {string} namespace One for each user.
     * @param {Storage|null} [storage]
     */
    constructor(env: import("./types.js").Env, namespace: string, storage?: Storage | null);
    env: import("./types.js").Env;
    prefix: string;
    /** @type {Map<string, string>} */
    memory: Map<string, string>;
    warned: boolean;
    storage: Storage | null | undefined;
    /** @param {import("./types.js").Intent} intent */
    save(intent: import("./types.js").Intent): void;
    /** The server has it: what was asked for need not lie about any longer. */
    /** @param {string} key @param {string} id */
    acknowledge(key: string, id: string): void;
    /** @param {string} key @returns {import("./types.js").Intent|null} */
    find(key: string): import("./types.js").Intent | null;
    /** @param {string} key */
    remove(key: string): void;
    /** All intents that are not too old; the others are thrown away. */
    all(): import("./types.js").Intent[];
    /** @param {string} name @returns {string|null} */
    read(name: string): string | null;
    /** @param {string} name @param {string} text */
    write(name: string, text: string): void;
    #private;
}
