// One dialog for questions before something is paid for or deleted.
import { html, useEffect, useRef, useStore } from "../lib/html.js";
import { store } from "../lib/store.js";

/**
 * @typedef {{title: string, body: any, accept: string, decline?: string,
 *   danger?: boolean}} Question
 * `accept`, `decline`: the texts of the buttons.
 */

/**
 * @type {ReturnType<typeof store<{question: (Question & {answer: (yes: boolean) => void})|null}>>}
 */
const current = store({ question: null });

/**
 * Opens the dialog. Resolves with whether the person accepted.
 * @param {Question} question
 * @returns {Promise<boolean>}
 */
export function confirm(question) {
  current.get().question?.answer(false);
  return new Promise((answer) => current.set({ question: { ...question, answer } }));
}

export function ConfirmDialog() {
  const { question } = useStore(current);
  if (!question) return null;
  const { title, body, accept, decline = "Cancel", danger = false, answer } = question;
  const close = (/** @type {boolean} */ yes) => (current.set({ question: null }), answer(yes));
  return html`<${Dialog} key=${title} label=${title} close=${() => close(false)}>
    <h2>${title}</h2>
    <div class="question">${body}</div>
    <div class="buttons">
      <button onClick=${() => close(false)}>${decline}</button>
      <button class=${danger ? "main bad" : "main"} onClick=${() => close(true)}>${accept}</button>
    </div>
  <//>`;
}

/**
 * A modal dialog. Esc closes it, and the focus returns to where it was.
 * @param {{label: string, close: () => void, children?: any}} props
 */
export function Dialog({ label, close, children }) {
  const dialog = useRef(/** @type {any} */ (null));
  useEffect(() => {
    const before = document.activeElement;
    dialog.current.showModal();
    return () => void (before instanceof HTMLElement && before.focus());
  }, []);
  return html`<dialog
    ref=${dialog}
    aria-label=${label}
    onCancel=${(event) => (event.preventDefault(), close())}
    onClick=${(event) => event.target === dialog.current && close()}
  >
    <div class="inside">${children}</div>
  </dialog>`;
}
