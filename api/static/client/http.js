import { LoresmithError, NoAnswer, Refused } from "./errors.js";

/**
 * The path under which the api serves this very module, for example behind a reverse proxy: "/lore"
 * of "http://host/lore/static/loresmith.js". "" for a module that another server or a bundler has.
 * @param {string|undefined} module
 */
export function servedUnder(module) {
  return (
    /^https?:\/\/[^/]+(.*)\/static\/(?:loresmith[\w-]*|page)\.js$/.exec(module ?? "")?.[1] ?? ""
  );
}

/** Sends requests. Throws `NoAnswer` without an answer, `Refused` for a status of 400 or above. */
export class Http {
  /**
   * @param {import("./types.js").ClientOptions} options
   * @param {import("./types.js").Env} env
   * @param {import("./network.js").Network} network
   */
  constructor(
    { baseUrl = servedUnder(import.meta.url), token, requestTimeout = 10_000 },
    env,
    network,
  ) {
    this.baseUrl = baseUrl.replace(/\/$/, "");
    this.token = typeof token === "function" ? token : () => token ?? null;
    this.timeoutMs = requestTimeout;
    this.env = env;
    this.network = network;
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {{body?: any, headers?: Record<string, string>}} [sent]
   * @returns {Promise<{status: number, body: any, headers: Headers, retryAfterMs?: number}>}
   */
  async send(method, path, { body, headers } = {}) {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const abort = new AbortController();
    const timer = this.env.setTimeout(() => abort.abort(), this.timeoutMs);
    try {
      const response = await this.open(method, path, { text, headers, signal: abort.signal });
      const answer = read(response, await response.text(), this.env.now());
      this.network.answered();
      if (answer.status < 400) return answer;
      throw new Refused(answer.status, answer.body ?? {}, answer.retryAfterMs);
    } catch (error) {
      if (error instanceof Refused) throw error;
      this.network.unanswered();
      if (error instanceof LoresmithError) throw error;
      throw new NoAnswer(`No answer to ${method} ${path}`);
    } finally {
      this.env.clearTimeout(timer);
    }
  }

  /**
   * The response, after one refresh of the token on 401.
   * @param {string} method
   * @param {string} path
   * @param {{text?: string, headers?: Record<string, string>, signal: AbortSignal}} sent
   */
  async open(method, path, sent) {
    const response = await this.#once(method, path, sent, false);
    return response.status === 401 ? this.#once(method, path, sent, true) : response;
  }

  /** @param {string} method @param {string} path @param {any} sent @param {boolean} refresh */
  async #once(method, path, { text, headers, signal }, refresh) {
    const token = await this.token(refresh);
    return this.env.fetch(this.baseUrl + path, {
      method,
      body: text,
      signal,
      cache: "no-store",
      credentials: "same-origin",
      headers: {
        Accept: "application/json",
        ...(text === undefined ? {} : { "Content-Type": "application/json" }),
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
        ...headers,
      },
    });
  }
}

/** @param {Response} response @param {string} text @param {number} now */
function read(response, text, now) {
  const { status, headers } = response;
  return {
    status,
    headers,
    body: text ? parsed(text, status) : undefined,
    retryAfterMs: retryAfter(headers.get("Retry-After"), now),
  };
}

/** A "200 OK" that is not JSON comes from a captive portal, not from the server. */
/** @param {string} text @param {number} status */
function parsed(text, status) {
  try {
    return JSON.parse(text);
  } catch {
    if (status < 400) throw new NoAnswer("The answer was not JSON");
    return {};
  }
}

/**
 * Milliseconds of a Retry-After header, in either of its forms (seconds, or a date).
 * @param {string|null} value
 * @param {number} now ms since 1970
 */
export function retryAfter(value, now) {
  if (!value?.trim()) return undefined;
  const ms = /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
