/** The output so far, assembled from deltas that may arrive twice. */
export class Partial {
  constructor() {
    /** @type {import("./types.js").Partial} */
    this.value = { text: "", items: [] };
    /** @type {string|undefined} */
    this.step = undefined;
  }

  /**
   * @param {import("./types.js").JobStateEvent} event
   * @returns {boolean} false when an earlier delta is missing.
   */
  apply(event) {
    if (event.type === "delta") return this.#delta(event);
    if (event.type === "item") this.#item(event);
    return true;
  }

  /** Takes the output of a snapshot or of another tab, where it is longer. */
  /** @param {any} shown */
  adopt(shown) {
    if (!shown || typeof shown !== "object") return;
    const { text, items } = this.value;
    const next = {
      text: shown.text ?? text,
      items: Array.isArray(shown.items) ? shown.items : items,
    };
    this.value = {
      text: next.text.length >= text.length ? next.text : text,
      items: next.items.length >= items.length ? next.items : items,
    };
  }

  /** Clears the output for another attempt. */
  clear() {
    this.value = { text: "", items: [] };
    this.step = undefined;
  }

  /** Offsets count code points; JavaScript strings count UTF-16 units. */
  /** @param {import("./types.js").Schemas["DeltaEvent"]} event */
  #delta({ text: delta = "", offset, step }) {
    if (step !== undefined && step !== this.step) {
      if (this.step !== undefined) this.value = { ...this.value, text: "" };
      this.step = step;
    }
    const { text } = this.value;
    const at = offset === undefined ? text.length : units(text, offset);
    if (at < 0) return false;
    if (!text.startsWith(delta, at))
      this.value = { ...this.value, text: text.slice(0, at) + delta };
    return true;
  }

  /** @param {import("./types.js").Schemas["ItemEvent"]} event */
  #item({ index, item }) {
    const items = [...this.value.items];
    items[index ?? items.length] = item;
    this.value = { ...this.value, items };
  }
}

/**
 * The index in UTF-16 units of code point `offset`; -1 when the text is shorter.
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
