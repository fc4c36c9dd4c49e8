// Keyboard shortcuts. They are off while the focus is in a text field.
import { html, useEffect } from "../lib/html.js";
import { Dialog } from "./confirm-dialog.js";
import { go, route } from "../lib/router.js";

const SHORTCUTS = [
  ["/", "search"],
  ["n", "new job"],
  ["j  k", "next, previous job"],
  ["Enter", "open job"],
  ["Esc", "close panel"],
  ["?", "show shortcuts"],
];

/** @typedef {{at: number}} Cursor The row that j and k move. */

/** @param {Cursor} cursor @param {() => void} showHelp */
export function useShortcuts(cursor, showHelp) {
  useEffect(() => {
    const onKey = (/** @type {KeyboardEvent} */ event) => {
      if (event.metaKey || event.ctrlKey || event.altKey || document.querySelector("dialog[open]"))
        return;
      if (event.key === "Escape") return escape();
      if (isTextField(event.target)) return;
      const action = actions(cursor, showHelp)[event.key];
      if (action) (event.preventDefault(), action());
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}

/** @param {Cursor} cursor @param {() => void} showHelp @returns {Record<string, () => void>} */
const actions = (cursor, showHelp) => ({
  "/": () => (go({ view: "jobs" }), afterPaint(() => focus("#search"))),
  n: openForm,
  j: () => moveCursor(cursor, 1),
  k: () => moveCursor(cursor, -1),
  "?": showHelp,
});

/** Opens the form of a new job and focuses it. */
export function openForm() {
  go({ view: "jobs", newType: "", job: "" });
  afterPaint(() => focus(".form select"));
}

/**
 * Scrolls before it focuses: rows outside the viewport are not in the document.
 * @param {Cursor} cursor
 * @param {number} by
 */
function moveCursor(cursor, by) {
  const rows = document.querySelector(".rows");
  const total = Number(rows?.querySelector("li")?.getAttribute("aria-setsize") ?? 0);
  if (!rows || !total) return;
  cursor.at = Math.min(total - 1, Math.max(0, cursor.at + by));
  const height = rows.querySelector("li")?.offsetHeight ?? 0;
  const top = cursor.at * height;
  if (top < rows.scrollTop) rows.scrollTop = top;
  if (top + height > rows.scrollTop + rows.clientHeight)
    rows.scrollTop = top + height - rows.clientHeight;
  afterPaint(() => focus(`.rows [data-at="${cursor.at}"]`, { preventScroll: true }));
}

function escape() {
  const { activeElement } = document;
  if (activeElement instanceof HTMLElement && isTextField(activeElement)) activeElement.blur();
  else closePanel();
}

/** Closes the job or the form beside the list; the focus returns to the job's row. */
export function closePanel() {
  const { job, newType } = route.get();
  if (!job && newType === null) return;
  go({ job: "", newType: null, tab: "" });
  afterPaint(() => focus(`[data-id="${CSS.escape(job)}"]`));
}

/** @param {EventTarget|null} target */
const isTextField = (target) =>
  target instanceof Element && !!target.closest("input, textarea, select, [contenteditable]");

/** @param {string} selector @param {FocusOptions} [options] */
export function focus(selector, options) {
  const element = document.querySelector(selector);
  if (element instanceof HTMLElement) element.focus(options);
}

/** @param {() => void} run */
const afterPaint = (run) => requestAnimationFrame(() => requestAnimationFrame(run));

/** @param {{close: () => void}} props */
export function ShortcutHelp({ close }) {
  return html`<${Dialog} label="Keyboard shortcuts" close=${close}
    ><h2>Keyboard shortcuts</h2>
    <dl class="keys">
      ${SHORTCUTS.map(
        ([keys, description]) =>
          html`<div key=${keys}>
            <dt>${keys.split("  ").map((key) => html`<kbd>${key}</kbd> `)}</dt>
            <dd>${description}</dd>
          </div>`,
      )}
    </dl>
    <div class="buttons"><button class="main" onClick=${close}>Close</button></div><//
  >`;
}
