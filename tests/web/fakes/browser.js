// A browser with tabs: they share storage, locks and channels, and can be killed.

import { createJobsClient } from "../../../api/static/client/index.js";
import { Clock, settle } from "./clock.js";
import { Server } from "./server.js";

export class Browser {
  constructor() {
    this.clock = new Clock();
    this.server = new Server(this.clock);
    this.storage = new MemoryStorage();
    this.locks = new Map();
    this.channels = new Set();
    this.warnings = [];
    this.ids = 0;
    /** (request) => "down" | "lost" | "hang" | undefined: what the way there does. */
    this.network = () => undefined;
  }

  tab(options = {}) {
    return new Tab(this, options);
  }

  advance(ms) {
    return this.clock.advance(ms);
  }
}

export class Tab {
  constructor(browser, { env = {}, locks = true, ...options } = {}) {
    this.browser = browser;
    this.dead = false;
    this.timers = new Set();
    this.held = new Set();
    this.channels = new Set();
    this.window = new EventTarget();
    this.document = Object.assign(new EventTarget(), { visibilityState: "visible" });
    this.navigator = { onLine: true };
    this.client = createJobsClient({
      storage: browser.storage,
      ...options,
      env: { ...this.#env(locks), ...env },
    });
  }

  /** Stops the page at once, as a crash or a reload does. */
  kill() {
    this.dead = true;
    for (const timer of this.timers) this.browser.clock.clear(timer);
    for (const name of this.held) this.browser.locks.delete(name);
    for (const channel of this.channels) channel.close();
  }

  hide(hidden = true) {
    this.document.visibilityState = hidden ? "hidden" : "visible";
    this.document.dispatchEvent(new Event("visibilitychange"));
    return settle();
  }

  fire(name, fields = {}) {
    this.window.dispatchEvent(Object.assign(new Event(name), fields));
    return settle();
  }

  #env(locks) {
    const { browser } = this;
    const tab = this;
    return {
      fetch: (url, init) => this.#fetch(url, init),
      now: browser.clock.now,
      setTimeout: (run, ms) => {
        if (this.dead) return 0;
        const timer = browser.clock.set(run, ms);
        this.timers.add(timer);
        return timer;
      },
      clearTimeout: browser.clock.clear,
      random: () => 1,
      uuid: () => `key-${(browser.ids += 1)}`,
      window: this.window,
      document: this.document,
      navigator: this.navigator,
      warn: (text) => browser.warnings.push(text),
      locks: locks ? { request: (name, how, run) => this.#lock(name, run) } : undefined,
      Channel: locks
        ? class extends Channel {
            constructor(name) {
              super(browser, tab, name);
            }
          }
        : undefined,
    };
  }

  async #fetch(url, { method = "GET", headers, body, signal }) {
    const { pathname: path, searchParams: query } = new URL(url, "http://lore.test");
    const request = {
      method,
      path,
      query,
      headers: new Headers(headers),
      signal,
      tab: this,
      body: body === undefined ? undefined : JSON.parse(body),
    };
    const fate = this.browser.network(request);
    if (this.dead || fate === "hang") return hang(signal);
    if (fate === "down") throw new TypeError("Failed to fetch");
    const response = this.browser.server.handle(request);
    if (this.dead) return hang(signal);
    if (fate === "lost") throw new TypeError("Failed to fetch");
    return response;
  }

  async #lock(name, run) {
    const { locks } = this.browser;
    if (this.dead) return new Promise(() => {});
    if (locks.has(name)) return run(null);
    locks.set(name, this);
    this.held.add(name);
    try {
      return await run({ name });
    } finally {
      if (locks.get(name) === this) locks.delete(name);
      this.held.delete(name);
    }
  }
}

function hang(signal) {
  return new Promise((_, reject) =>
    signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError"))),
  );
}

class Channel {
  constructor(browser, tab, name) {
    Object.assign(this, { browser, name, onmessage: null });
    browser.channels.add(this);
    tab.channels.add(this);
  }

  postMessage(data) {
    if (!this.browser.channels.has(this)) return;
    for (const other of this.browser.channels) {
      if (other === this || other.name !== this.name) continue;
      queueMicrotask(() => other.onmessage?.({ data: structuredClone(data) }));
    }
  }

  close() {
    this.browser.channels.delete(this);
    this.onmessage = null;
  }
}

export class MemoryStorage {
  items = new Map();
  get length() {
    return this.items.size;
  }
  key(index) {
    return [...this.items.keys()][index] ?? null;
  }
  getItem(name) {
    return this.items.get(name) ?? null;
  }
  setItem(name, text) {
    this.items.set(name, String(text));
  }
  removeItem(name) {
    this.items.delete(name);
  }
}

export const NEW_JOB = { type: "generate_characters", payload: { theme: "fantasy", count: 3 } };
