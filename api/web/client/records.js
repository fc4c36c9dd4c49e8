const KEEP_MS = 24 * 3_600_000;

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
  constructor(env, namespace, storage) {
    this.env = env;
    this.prefix = `loresmith:${namespace}:`;
    /** @type {Map<string, string>} */
    this.memory = new Map();
    this.warned = false;
    this.storage = storage === undefined ? this.#try(() => env.storage?.() ?? null) : storage;
  }

  /** @param {import("./types.js").Intent} intent */
  save(intent) {
    this.write(`intent:${intent.key}`, JSON.stringify(intent));
  }

  /** The server has it: what was asked for need not lie about any longer. */
  /** @param {string} key @param {string} id */
  acknowledge(key, id) {
    const intent = this.find(key);
    if (intent) this.save({ ...intent, id, state: "watching", body: undefined });
  }

  /** @param {string} key @returns {import("./types.js").Intent|null} */
  find(key) {
    const text = this.read(`intent:${key}`);
    try {
      return text ? JSON.parse(text) : null;
    } catch {
      return null;
    }
  }

  /** @param {string} key */
  remove(key) {
    this.memory.delete(`intent:${key}`);
    this.#try(() => this.storage?.removeItem(`${this.prefix}intent:${key}`));
  }

  /** All intents that are not too old; the others are thrown away. */
  all() {
    const found = this.#keys().map((key) => this.find(key)).filter((intent) => intent !== null);
    const [kept, old] = [[], []].map(() => /** @type {import("./types.js").Intent[]} */ ([]));
    for (const intent of found) (this.env.now() - intent.t < KEEP_MS ? kept : old).push(intent);
    for (const intent of old) this.remove(intent.key);
    return kept.sort((a, b) => a.t - b.t);
  }

  /** @param {string} name @returns {string|null} */
  read(name) {
    return this.memory.get(name) ?? this.#try(() => this.storage?.getItem(this.prefix + name)) ?? null;
  }

  /** @param {string} name @param {string} text */
  write(name, text) {
    this.memory.delete(name);
    const stored = this.#try(() => (this.storage?.setItem(this.prefix + name, text), !!this.storage));
    if (!stored) this.memory.set(name, text);
  }

  #keys() {
    const start = `${this.prefix}intent:`;
    const { storage } = this;
    const names = this.#try(() => Array.from({ length: storage?.length ?? 0 }, (_, i) => storage?.key(i)));
    const stored = (names ?? []).filter((name) => name?.startsWith(start));
    const inMemory = [...this.memory.keys()].filter((name) => name.startsWith("intent:"));
    const all = [...stored.map((name) => String(name).slice(start.length)),
      ...inMemory.map((name) => name.slice("intent:".length))];
    return [...new Set(all)];
  }

  /** Storage that is full, forbidden or absent is a warning, never a crash. */
  /** @template T @param {() => T} run @returns {T|undefined} */
  #try(run) {
    try {
      return run();
    } catch (error) {
      if (!this.warned) this.env.warn(`no storage (${error}): jobs are forgotten on reload`);
      this.warned = true;
      return undefined;
    }
  }
}
