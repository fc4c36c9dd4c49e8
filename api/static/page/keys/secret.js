// The secret of a new key, which the server shows this once.
import { html, useEffect, useRef } from "../lib/html.js";
import { Command } from "../ui/copy.js";

/** @param {{created: import("../lib/types.js").NewKey, close: () => void}} props */
export function Secret({ created: { name, id, key }, close }) {
  const box = useRef(/** @type {any} */ (null));
  useEffect(() => box.current?.focus(), [id, key]);
  return html`<div class="note good new-secret" role="status" tabindex="-1" ref=${box}>
    <p><b>${name}</b> has a new secret. Copy it now: it is shown this once.</p>
    <${Command} text=${key} label="Copy the key" />
    <div class="buttons"><button class="small" onClick=${close}>I have copied it</button></div>
  </div>`;
}
