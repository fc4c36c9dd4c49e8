// JSON that is still being written, as far as it goes. Pure.

/** The value so far, or undefined when there is nothing to see yet. @param {string} text */
export function sofar(text) {
  const begin = text.search(/[[{]/);
  if (begin < 0) return undefined;
  const { closed, cut } = closing(text.slice(begin));
  for (const tried of [closed, cut]) {
    try {
      return JSON.parse(tried);
    } catch {
      continue;
    }
  }
  return undefined;
}

/**
 * The text with all that is open closed: `closed` at its very end, `cut` after its last whole member.
 * @param {string} text
 */
function closing(text) {
  /** @type {string[]} */
  const open = [];
  let inside = false;
  let escaped = false;
  let safe = { at: 0, open: /** @type {string[]} */ ([]) };
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (escaped) escaped = false;
    else if (inside && sign === "\\") escaped = true;
    else if (sign === '"') inside = !inside;
    else if (!inside && (sign === "{" || sign === "[")) {
      open.push(sign === "{" ? "}" : "]");
      safe = { at: at + 1, open: [...open] };
    } else if (!inside && (sign === "}" || sign === "]")) {
      open.pop();
      safe = { at: at + 1, open: [...open] };
      if (!open.length) return { closed: text.slice(0, at + 1), cut: text.slice(0, at + 1) };
    } else if (!inside && sign === ",") safe = { at, open: [...open] };
  }
  const ends = (/** @type {string[]} */ signs) => [...signs].reverse().join("");
  const whole = text.replace(/\\(u[0-9a-f]{0,3})?$/i, (end) => (inside ? "" : end));
  const body = inside ? `${whole}"` : whole.replace(/[,\s]+$/, "");
  return { closed: body + ends(open), cut: text.slice(0, safe.at) + ends(safe.open) };
}
