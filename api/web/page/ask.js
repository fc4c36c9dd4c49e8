// Questions before something is paid or thrown away: one dialog, and a promise of its answer.
import { html, useEffect, useRef, useStore } from "./html.js";
import { store } from "./store.js";

/** @type {ReturnType<typeof store<{question: any}>>} */
const open = store({ question: null });

/**
 * Asks, and answers with what was chosen: false for no.
 * @param {{title: string, body: any, yes: string, no?: string, bad?: boolean}} question
 * @returns {Promise<boolean>}
 */
export function ask(question) {
  open.get().question?.answer(false);
  return new Promise((resolve) => open.set({ question: { no: "Leave it", ...question, answer: resolve } }));
}

export function Ask() {
  const { question } = useStore(open);
  return question && html`<${Question} key=${question.title} ...${question} />`;
}

/** @param {any} given */
function Question({ title, body, yes, no, bad, answer }) {
  const decide = (/** @type {boolean} */ told) => (open.set({ question: null }), answer(told));
  return html`<${Dialog} label=${title} close=${() => decide(false)}>
    <h2>${title}</h2><div class="ask">${body}</div>
    <div class="buttons"><button onClick=${() => decide(false)}>${no}</button>
      <button class=${bad ? "main bad" : "main"} onClick=${() => decide(true)}>${yes}</button></div>
  <//>`;
}

/** A modal that Esc closes and that gives the focus back. @param {{label: string, close: () => void, children?: any}} given */
export function Dialog({ label, close, children }) {
  const box = useRef(null);
  useEffect(() => {
    const before = document.activeElement;
    box.current.showModal();
    return () => void (before instanceof HTMLElement && before.focus());
  }, []);
  return html`<dialog ref=${box} aria-label=${label} onCancel=${(event) => (event.preventDefault(), close())}
    onClick=${(event) => event.target === box.current && close()}><div class="inside">${children}</div></dialog>`;
}
