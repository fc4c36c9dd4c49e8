/** What is written so far, put together from pieces that may come twice. */
export class Partial {
  constructor() {
    /** @type {import("./types.js").Partial} */
    this.value = { text: "", items: [] };
    /** @type {string|undefined} */
    this.step = undefined;
  }

  /**
   * @param {import("./types.js").Update} update
   * @returns {boolean} false when a piece in front of this one is missing.
   */
  apply(update) {
    if (update.type === "delta") return this.#delta(update);
    if (update.type === "item") this.#item(update);
    return true;
  }

  /** What a snapshot of the server, or another tab, has. */
  /** @param {any} shown */
  adopt(shown) {
    if (!shown || typeof shown !== "object") return;
    const { text, items } = this.value;
    const next = { text: shown.text ?? text, items: Array.isArray(shown.items) ? shown.items : items };
    this.value = { text: next.text.length >= text.length ? next.text : text,
      items: next.items.length >= items.length ? next.items : items };
  }

  /** Another attempt writes anew. */
  clear() {
    this.value = { text: "", items: [] };
    this.step = undefined;
  }

  /** Offsets count characters (code points), and JavaScript counts UTF-16 units. */
  /** @param {any} update */
  #delta({ text: piece = "", offset, step }) {
    if (step !== undefined && step !== this.step) {
      if (this.step !== undefined) this.value = { ...this.value, text: "" };
      this.step = step;
    }
    const { text } = this.value;
    const at = offset === undefined ? text.length : units(text, offset);
    if (at < 0) return false;
    if (!text.startsWith(piece, at)) this.value = { ...this.value, text: text.slice(0, at) + piece };
    return true;
  }

  /** @param {any} update */
  #item({ index, item, value = item }) {
    const items = [...this.value.items];
    items[index ?? items.length] = value;
    this.value = { ...this.value, items };
  }
}

/**
 * Where the character number `offset` begins, in UTF-16 units; -1 when the text is shorter.
 * @param {string} text
 * @param {number} offset
 */
function units(text, offset) {
  let at = 0;
  for (let count = 0; count < offset; count += 1) {
    if (at >= text.length) return -1;
    at += /** @type {number} */ (text.codePointAt(at)) > 0xffff ? 2 : 1;
  }
  return at;
}
