/**
 * The path under which the api serves this very module, for example behind a reverse proxy: "/lore"
 * of "http://host/lore/static/loresmith.js". "" for a module that another server or a bundler has.
 * @param {string|undefined} module
 */
export function servedUnder(module: string | undefined): string;
/**
 * Milliseconds of a Retry-After header, in either of its forms (seconds, or a date).
 * @param {string|null} value
 * @param {number} now ms since 1970
 */
export function retryAfter(value: string | null, now: number): number | undefined;
/** Sends requests. Throws `NoAnswer` without an answer, `Refused` for a status of 400 or above. */
export class Http {
    /**
     * @param {import("./types.js").ClientOptions} options
     * @param {import("./types.js").Env} env
     * @param {import("./network.js").Network} network
     */
    constructor({ baseUrl, token, requestTimeout }: import("./types.js").ClientOptions, env: import("./types.js").Env, network: import("./network.js").Network);
    baseUrl: string;
    token: (refresh: boolean) => import("./types.js").Token | Promise<import("./types.js").Token>;
    timeoutMs: number;
    env: import("./types.js").Env;
    network: import("./network.js").Network;
    /**
     * @param {string} method
     * @param {string} path
     * @param {{body?: any, headers?: Record<string, string>}} [sent]
     * @returns {Promise<{status: number, body: any, headers: Headers, retryAfterMs?: number}>}
     */
    send(method: string, path: string, { body, headers }?: {
        body?: any;
        headers?: Record<string, string>;
    }): Promise<{
        status: number;
        body: any;
        headers: Headers;
        retryAfterMs?: number;
    }>;
    /**
     * The response, after one refresh of the token on 401.
     * @param {string} method
     * @param {string} path
     * @param {{text?: string, headers?: Record<string, string>, signal: AbortSignal}} sent
     */
    open(method: string, path: string, sent: {
        text?: string;
        headers?: Record<string, string>;
        signal: AbortSignal;
    }): Promise<Response>;
    #private;
}
