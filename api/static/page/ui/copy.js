// Copying to the clipboard.
import { html, useState } from "../lib/html.js";

/** A command in a box, with a copy button. @param {{text: string, label?: string}} props */
export function Command({ text, label = "Copy" }) {
  return html`<div class="command">
    <pre tabindex="0">${text}</pre>
    <${CopyButton} text=${text} label=${label} />
  </div>`;
}

/** @param {{text: string|(() => string), label: string, title?: string}} props */
export function CopyButton({ text, label, title }) {
  const [result, setResult] = useState("");
  const copy = async () => {
    const copied = await write(typeof text === "function" ? text() : text);
    setResult(copied ? "Copied" : "Could not copy: select the text");
    setTimeout(() => setResult(""), 2000);
  };
  return html`<button
    type="button"
    class="small"
    title=${title}
    aria-label=${result ? null : title}
    onClick=${copy}
    aria-live="polite"
  >
    ${result || label}
  </button>`;
}

/** Browsers offer the clipboard on https and on localhost only. @param {string} text */
async function write(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
