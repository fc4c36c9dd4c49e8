// Short messages at the edge of the page.
import { html, useStore } from "../lib/html.js";
import { to } from "../lib/router.js";
import { store } from "../lib/store.js";

const TOAST_MS = 12_000;
const MAX_TOASTS = 4;

/**
 * @typedef {{key: string, text: string, job?: string, action?: {label: string, run: () => void},
 *   bad?: boolean}} Toast
 */
/** @type {ReturnType<typeof store<{all: Toast[]}>>} */
const toasts = store({ all: [] });

/** Shows a toast in place of one with the same key. @param {Toast} toast @param {number} [ms] */
export function showToast(toast, ms = TOAST_MS) {
  dismiss(toast.key);
  toasts.set({ all: [...toasts.get().all, toast].slice(-MAX_TOASTS) });
  setTimeout(() => dismiss(toast.key), ms);
}

/** Shows an error. @param {string} key @param {unknown} error @param {string} [prefix] */
export function showError(key, error, prefix = "") {
  const message = error instanceof Error ? error.message : String(error);
  showToast({ key, bad: true, text: prefix + message });
}

/** @param {string} key */
const dismiss = (key) => toasts.set({ all: toasts.get().all.filter((toast) => toast.key !== key) });

export function Toasts() {
  const { all } = useStore(toasts);
  return html`<div class="toasts" role="status" aria-live="polite">
    ${all.map(
      (toast) =>
        html`<div class=${`toast${toast.bad ? " bad" : ""}`} key=${toast.key}>
          <span>${toast.text}</span>
          ${toast.job &&
          html`<a ...${to({ view: "jobs", job: toast.job, tab: "", newType: null })}>View</a>`}
          ${toast.action &&
          html`<button class="small" onClick=${() => (toast.action?.run(), dismiss(toast.key))}>
            ${toast.action.label}
          </button>`}
          <button class="small" aria-label="Dismiss" onClick=${() => dismiss(toast.key)}>✕</button>
        </div>`,
    )}
  </div>`;
}
