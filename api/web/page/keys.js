// The keyboard. Nothing here takes keys from somebody who is writing.
import { html, useEffect } from "./html.js";
import { Dialog } from "./ask.js";
import { go, route } from "./router.js";

const KEYS = [
  ["/", "search"], ["n", "new job"], ["j  k", "next, previous job"], ["Enter", "open it"],
  ["Esc", "close what is open"], ["?", "these keys"],
];

/** @param {{at: number}} cursor @param {() => void} help */
export function useKeys(cursor, help) {
  useEffect(() => {
    const press = (/** @type {KeyboardEvent} */ event) => {
      if (event.metaKey || event.ctrlKey || event.altKey || document.querySelector("dialog[open]")) return;
      if (event.key === "Escape") return escape();
      if (writing(event.target)) return;
      const act = actions(cursor, help)[event.key];
      if (act) (event.preventDefault(), act());
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}

/** @param {{at: number}} cursor @param {() => void} help @returns {Record<string, () => void>} */
const actions = (cursor, help) => ({
  "/": () => (go({ view: "jobs" }), later(() => document.getElementById("search")?.focus())),
  n: begin,
  j: () => move(cursor, 1),
  k: () => move(cursor, -1),
  "?": help,
});

/** Opens the form of a new job, ready to write in. */
export function begin() {
  go({ view: "jobs", making: "", job: "" });
  later(() => document.querySelector(".form select")?.focus());
}

/** Scrolls first: a row that is out of sight is not in the document. @param {{at: number}} cursor @param {number} by */
function move(cursor, by) {
  const rows = document.querySelector(".rows");
  const of = Number(rows?.querySelector("li")?.getAttribute("aria-setsize") ?? 0);
  if (!rows || !of) return;
  cursor.at = Math.min(of - 1, Math.max(0, cursor.at + by));
  const height = rows.querySelector("li")?.offsetHeight ?? 0;
  const top = cursor.at * height;
  if (top < rows.scrollTop) rows.scrollTop = top;
  if (top + height > rows.scrollTop + rows.clientHeight) rows.scrollTop = top + height - rows.clientHeight;
  later(() => rows.querySelector(`[data-at="${cursor.at}"]`)?.focus({ preventScroll: true }));
}

function escape() {
  const { activeElement } = document;
  return writing(activeElement) ? activeElement.blur() : close();
}

/** Closes what is open beside the list; the focus goes back to its row. */
export function close() {
  const { job, making } = route.get();
  if (!job && making === null) return;
  go({ job: "", making: null, tab: "" });
  later(() => document.querySelector(`[data-id="${CSS.escape(job)}"]`)?.focus());
}

/** @param {any} target */
const writing = (target) => target instanceof Element && !!target.closest("input, textarea, select, [contenteditable]");

/** After the page has been drawn. @param {() => void} run */
const later = (run) => requestAnimationFrame(() => requestAnimationFrame(run));

/** @param {{close: () => void}} given */
export function Help({ close }) {
  return html`<${Dialog} label="Keyboard shortcuts" close=${close}><h2>Keys</h2>
    <dl class="keys">${KEYS.map(([key, what]) => html`<div key=${key}><dt>${key.split("  ").map((one) => html`<kbd>${one}</kbd> `)}</dt><dd>${what}</dd></div>`)}</dl>
    <div class="buttons"><button class="main" onClick=${close}>Close</button></div><//>`;
}
