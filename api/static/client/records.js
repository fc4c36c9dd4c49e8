const KEEP_MS = 24 * 3_600_000;

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
  constructor(env, namespace, storage) {
    this.env = env;
    this.setNamespace(namespace);
    /** @type {Map<string, string>} */
    this.memory = new Map();
    this.warned = false;
    this.storage = storage === undefined ? this.#try(() => env.storage?.() ?? null) : storage;
  }

  /** Belongs to this user from now on. @param {string} namespace One per user. */
  setNamespace(namespace) {
    this.prefix = `loresmith:${namespace}:`;
  }

  /** @param {import("./types.js").Intent} intent */
  save(intent) {
    this.write(`intent:${intent.key}`, JSON.stringify(intent));
  }

  /** Stores what is sent instead. @param {string} key @param {import("./types.js").NewJob} body */
  rewrite(key, body) {
    const intent = this.find(key);
    if (intent) this.save({ ...intent, body });
  }

  /** Notes that the server has the job: its body is no longer stored. */
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

  /** All intents that are not too old; the others are deleted. */
  all() {
    const intents = this.#keys()
      .map((key) => this.find(key))
      .filter((intent) => intent !== null);
    const [current, old] = [[], []].map(() => /** @type {import("./types.js").Intent[]} */ ([]));
    for (const intent of intents)
      (this.env.now() - intent.t < KEEP_MS ? current : old).push(intent);
    for (const intent of old) this.remove(intent.key);
    return current.sort((a, b) => a.t - b.t);
  }

  /** @param {string} name @returns {string|null} */
  read(name) {
    return (
      this.memory.get(name) ?? this.#try(() => this.storage?.getItem(this.prefix + name)) ?? null
    );
  }

  /** @param {string} name @param {string} text */
  write(name, text) {
    this.memory.delete(name);
    const stored = this.#try(
      () => (this.storage?.setItem(this.prefix + name, text), !!this.storage),
    );
    if (!stored) this.memory.set(name, text);
  }

  #keys() {
    const start = `${this.prefix}intent:`;
    const { storage } = this;
    const names = this.#try(() =>
      Array.from({ length: storage?.length ?? 0 }, (_, i) => storage?.key(i)),
    );
    const stored = (names ?? []).filter((name) => name?.startsWith(start));
    const inMemory = [...this.memory.keys()].filter((name) => name.startsWith("intent:"));
    const all = [
      ...stored.map((name) => String(name).slice(start.length)),
      ...inMemory.map((name) => name.slice("intent:".length)),
    ];
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
