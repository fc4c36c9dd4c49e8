/**
 * The intents of this browser, stored before they are sent. Each is a storage item of its own, so
 * that tabs do not overwrite each other. Without storage they live as long as the page.
 */
export class Records {
    /**
     * @param {import("./types.js").Env} env
     * @param {string} namespace One per user.
     * @param {Storage|null} [storage]
     */
    constructor(env: import("./types.js").Env, namespace: string, storage?: Storage | null);
    env: import("./types.js").Env;
    /** @type {Map<string, string>} */
    memory: Map<string, string>;
    warned: boolean;
    storage: Storage | null | undefined;
    /** Belongs to this user from now on. @param {string} namespace One per user. */
    setNamespace(namespace: string): void;
    prefix: string | undefined;
    /** @param {import("./types.js").Intent} intent */
    save(intent: import("./types.js").Intent): void;
    /** Stores what is sent instead. @param {string} key @param {import("./types.js").NewJob} body */
    rewrite(key: string, body: import("./types.js").NewJob): void;
    /** Notes that the server has the job: its body is no longer stored. */
    /** @param {string} key @param {string} id */
    acknowledge(key: string, id: string): void;
    /** @param {string} key @returns {import("./types.js").Intent|null} */
    find(key: string): import("./types.js").Intent | null;
    /** @param {string} key */
    remove(key: string): void;
    /** All intents that are not too old; the others are deleted. */
    all(): import("./types.js").Intent[];
    /** @param {string} name @returns {string|null} */
    read(name: string): string | null;
    /** @param {string} name @param {string} text */
    write(name: string, text: string): void;
    #private;
}
