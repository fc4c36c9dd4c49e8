// The page: the list of jobs with one job beside it, and the views Spend, Keys and System.
import { html, render, useEffect, useMemo, useState, useStore } from "./lib/html.js";
import { jobTypes } from "./lib/api.js";
import { ConfirmDialog } from "./ui/confirm-dialog.js";
import { NewJob } from "./jobs/new-job-form.js";
import { followFeed, jobs, load } from "./jobs/job-list.js";
import { openForm, ShortcutHelp, useShortcuts } from "./ui/keyboard.js";
import { JobList } from "./jobs/list-view.js";
import { resumeOwnJobs } from "./jobs/own-jobs.js";
import { Keys } from "./keys/keys.js";
import { LoginPage, User } from "./login/login.js";
import { checkSession, may, session } from "./login/session.js";
import { Spend } from "./money/spend.js";
import { NetworkStatus } from "./ui/network-status.js";
import { Panel } from "./job/panel.js";
import { listen, route, to } from "./lib/router.js";
import { System } from "./system/system.js";
import { Toasts } from "./ui/toasts.js";

function App() {
  const { view, job, newType } = useStore(route);
  const { logIns } = useStore(session);
  const [types, setTypes] = useState(/** @type {import("./lib/types.js").JobType[]} */ ([]));
  const [help, setHelp] = useState(false);
  const cursor = useMemo(() => ({ at: -1 }), []);
  useEffect(() => retryUntilDone(async () => setTypes(promptFirst(await jobTypes()))), []);
  useEffect(() => (void resumeOwnJobs(), followFeed()), []);
  useEffect(() => void (logIns && load()), [logIns]);
  useShortcuts(cursor, () => setHelp(true));
  useTitle();
  const panelOpen = job || newType !== null;
  return html` <a class="skip" href="#main">Skip to content</a>
    <${Header} view=${view} help=${() => setHelp(true)} />
    <main
      id="main"
      tabindex="-1"
      class=${view === "jobs" ? `jobs${panelOpen ? " beside" : ""}` : "wide"}
    >
      ${view === "jobs" &&
      html`<${JobList} types=${types} cursor=${cursor} />
        <div class="pane">
          ${job
            ? html`<${Panel} key=${`${job} ${logIns}`} id=${job} types=${types} />`
            : html`<${NewJob}
                types=${types}
                selected=${newType ?? ""}
                closable=${newType !== null}
              />`}
        </div>`}
      ${view === "spend" && html`<${Spend} />`} ${view === "keys" && html`<${Keys} />`}
      ${view === "system" && html`<${System} />`}
    </main>
    <${Toasts} /><${ConfirmDialog} /> ${help &&
    html`<${ShortcutHelp} close=${() => setHelp(false)} />`}`;
}

/** @param {{view: string, help: () => void}} props */
function Header({ view, help }) {
  const here = (/** @type {string} */ name) => (view === name ? "page" : null);
  return html`<header class="head">
    <a
      class="brand"
      ...${to({ view: "jobs", job: "", newType: null })}
      aria-label="Loresmith: all jobs"
    >
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <path d="M8 9h16c0 4-3 6-7 6v4h4v4H11v-4h4v-4c-4 0-7-2-7-6z" /></svg
      ><span>Loresmith</span></a
    >
    <nav aria-label="Views">
      <a ...${to({ view: "jobs" })} aria-current=${here("jobs")}>Jobs</a>
      <a ...${to({ view: "spend" })} aria-current=${here("spend")}>Spend</a>
      ${may("keys") && html`<a ...${to({ view: "keys" })} aria-current=${here("keys")}>Keys</a>`}
      <a ...${to({ view: "system" })} aria-current=${here("system")}>System</a>
    </nav>
    <span class="grow" />
    <${NetworkStatus} /><${User} />
    <button class="small round" onClick=${help} aria-label="Keyboard shortcuts">?</button>
    <button class="main" onClick=${openForm}>New job</button>
  </header>`;
}

/** The types, `prompt` first. @param {import("./lib/types.js").JobType[]} types */
const promptFirst = (types) => [
  ...types.filter(({ type }) => type === "prompt"),
  ...types.filter(({ type }) => type !== "prompt"),
];

/** Shows the number of unfinished jobs in the title of the browser tab. */
function useTitle() {
  const { counts } = useStore(jobs);
  const running = counts ? (counts.pending ?? 0) + (counts.processing ?? 0) : 0;
  useEffect(
    () => void (document.title = running ? `(${running}) Loresmith` : "Loresmith"),
    [running],
  );
}

/**
 * Repeats until it succeeds: the page may open before the server is ready.
 * @param {() => Promise<void>} run
 */
function retryUntilDone(run) {
  /** @type {any} */
  let timer;
  const attempt = () => run().catch(() => void (timer = setTimeout(attempt, 3000)));
  void attempt();
  return () => clearTimeout(timer);
}

const element = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));

let isRendered = false;

/** Hides the page while a log-in is needed; what it shows stays for the same user. */
function showOrHide() {
  const { required } = session.get();
  element("page").hidden = required;
  if (required || isRendered) return;
  isRendered = true;
  render(html`<${App} />`, element("page"));
}

async function start() {
  listen();
  render(html`<${LoginPage} />`, element("login"));
  await checkSession();
  session.subscribe(showOrHide);
  showOrHide();
}

void start();
