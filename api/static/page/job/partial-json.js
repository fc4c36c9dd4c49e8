// Parses JSON that is still being written. Pure.

/** The value so far; undefined when nothing can be parsed yet. @param {string} text */
export function parsePartial(text) {
  const start = text.search(/[[{]/);
  if (start < 0) return undefined;
  const { closed, cut } = complete(text.slice(start));
  for (const candidate of [closed, cut]) {
    try {
      return JSON.parse(candidate);
    } catch {
      continue;
    }
  }
  return undefined;
}

/**
 * The text with its open strings, lists and objects closed: `closed` at the end of the text, `cut`
 * after its last complete member.
 * @param {string} text
 */
function complete(text) {
  /** @type {string[]} */
  const open = [];
  let inString = false;
  let escaped = false;
  let lastComplete = { at: 0, open: /** @type {string[]} */ ([]) };
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (escaped) escaped = false;
    else if (inString && char === "\\") escaped = true;
    else if (char === '"') inString = !inString;
    else if (!inString && (char === "{" || char === "[")) {
      open.push(char === "{" ? "}" : "]");
      lastComplete = { at: at + 1, open: [...open] };
    } else if (!inString && (char === "}" || char === "]")) {
      open.pop();
      lastComplete = { at: at + 1, open: [...open] };
      if (!open.length) return { closed: text.slice(0, at + 1), cut: text.slice(0, at + 1) };
    } else if (!inString && char === ",") lastComplete = { at, open: [...open] };
  }
  const closersOf = (/** @type {string[]} */ brackets) => [...brackets].reverse().join("");
  const whole = text.replace(/\\(u[0-9a-f]{0,3})?$/i, (escape) => (inString ? "" : escape));
  const body = inString ? `${whole}"` : whole.replace(/[,\s]+$/, "");
  return {
    closed: body + closersOf(open),
    cut: text.slice(0, lastComplete.at) + closersOf(lastComplete.open),
  };
}
