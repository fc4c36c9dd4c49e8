import { html, useState } from "./html.js";

/** Text to copy, with a button that does. @param {{text: string, label?: string}} given */
export function Command({ text, label = "Copy" }) {
  return html`<div class="command"><pre tabindex="0">${text}</pre><${Copy} text=${text} label=${label} /></div>`;
}

/** @param {{text: string|(() => string), label: string, title?: string}} given */
export function Copy({ text, label, title }) {
  const [said, say] = useState("");
  const copy = async () => {
    const done = await copied(typeof text === "function" ? text() : text);
    say(done ? "Copied" : "Select it and copy by hand");
    setTimeout(() => say(""), 2000);
  };
  return html`<button type="button" class="small" title=${title} aria-label=${said ? null : title} onClick=${copy} aria-live="polite">${said || label}</button>`;
}

/** Pages without https, other than localhost, have no clipboard. @param {string} text */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
