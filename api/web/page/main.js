// The page: a list of jobs, one of them beside it, and the views of money and of the system.
import { html, render, useEffect, useMemo, useState, useStore } from "./html.js";
import { jobTypes } from "./api.js";
import { Ask } from "./ask.js";
import { NewJob } from "./form.js";
import { follow, jobs } from "./jobs.js";
import { begin, Help, useKeys } from "./keys.js";
import { List } from "./list.js";
import { Spend } from "./money.js";
import { Network } from "./network.js";
import { Panel } from "./panel.js";
import { listen, route, to } from "./router.js";
import { System } from "./system.js";
import { Toasts, welcomeBack } from "./toast.js";

function App() {
  const { view, job, making } = useStore(route);
  const [types, setTypes] = useState(/** @type {any[]} */ ([]));
  const [help, setHelp] = useState(false);
  const cursor = useMemo(() => ({ at: -1 }), []);
  useEffect(() => retrying(async () => setTypes(await jobTypes())), []);
  useEffect(() => (void welcomeBack(), follow()), []);
  useKeys(cursor, () => setHelp(true));
  useTitle();
  const beside = job || making !== null;
  return html`
    <a class="skip" href="#main">To the content</a>
    <${Head} view=${view} help=${() => setHelp(true)} />
    <main id="main" tabindex="-1" class=${view === "jobs" ? `jobs${beside ? " beside" : ""}` : "wide"}>
      ${view === "jobs" && html`<${List} types=${types} cursor=${cursor} />
        <div class="pane">${job ? html`<${Panel} key=${job} id=${job} types=${types} />`
          : html`<${NewJob} types=${types} wanted=${making ?? ""} open=${making !== null} />`}</div>`}
      ${view === "spend" && html`<${Spend} />`}
      ${view === "system" && html`<${System} />`}
    </main>
    <${Toasts} /><${Ask} />
    ${help && html`<${Help} close=${() => setHelp(false)} />`}`;
}

/** @param {{view: string, help: () => void}} given */
function Head({ view, help }) {
  const here = (/** @type {string} */ name) => (view === name ? "page" : null);
  return html`<header class="head">
    <a class="brand" ...${to({ view: "jobs", job: "", making: null })} aria-label="Loresmith: all jobs">
      <svg viewBox="0 0 32 32" aria-hidden="true"><path d="M8 9h16c0 4-3 6-7 6v4h4v4H11v-4h4v-4c-4 0-7-2-7-6z" /></svg><span>Loresmith</span></a>
    <nav aria-label="Views">
      <a ...${to({ view: "jobs" })} aria-current=${here("jobs")}>Jobs</a>
      <a ...${to({ view: "spend" })} aria-current=${here("spend")}>Spend</a>
      <a ...${to({ view: "system" })} aria-current=${here("system")}>System</a>
    </nav>
    <span class="grow" />
    <${Network} />
    <button class="small round" onClick=${help} aria-label="Keyboard shortcuts">?</button>
    <button class="main" onClick=${begin}>New job</button>
  </header>`;
}

/** The tab says how many jobs run. */
function useTitle() {
  const { counts } = useStore(jobs);
  const running = counts ? (counts.pending ?? 0) + (counts.processing ?? 0) : 0;
  useEffect(() => void (document.title = running ? `(${running}) Loresmith` : "Loresmith"), [running]);
}

/** Tries until it works: the page may be open before the server is. @param {() => Promise<void>} run */
function retrying(run) {
  let timer = 0;
  const attempt = () => run().catch(() => void (timer = setTimeout(attempt, 3000)));
  void attempt();
  return () => clearTimeout(timer);
}

listen();
render(html`<${App} />`, /** @type {Element} */ (document.getElementById("page")));
