/**
 * Milliseconds of a Retry-After header, in either of its forms (seconds, or a date).
 * @param {string|null} value
 * @param {number} now ms since 1970
 */
export function retryAfter(value: string | null, now: number): number | undefined;
/** One request, one answer. Says `NoAnswer` when there was none, `Refused` when it was a no. */
export class Http {
    /**
     * @param {import("./types.js").ClientOptions} options
     * @param {import("./types.js").Env} env
     * @param {import("./network.js").Network} network
     */
    constructor({ baseUrl, token, requestTimeout }: import("./types.js").ClientOptions, env: import("./types.js").Env, network: import("./network.js").Network);
    baseUrl: string;
    token: (refresh: boolean) => string | null | undefined | Promise<string | null | undefined>;
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
     * The bare response, after one refresh of the token on 401.
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
