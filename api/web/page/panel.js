// One job: how it is, what it has made, and what can be done about it.
import { html, useEffect, useRef, useState, useStore } from "./html.js";
import { client } from "./api.js";
import { Actions } from "./actions.js";
import { Calls, Made, Raw, Request } from "./sides.js";
import { Kept } from "./kept.js";
import { close } from "./keys.js";
import { go, route } from "./router.js";
import { ended } from "./rows.js";
import { Progress } from "./progress.js";
import { Result } from "./result.js";
import { Trouble } from "./trouble.js";
import { Live } from "./live.js";
import { Timeline } from "./timeline.js";
import { isMine } from "./toast.js";
import { shortId, statusWord, words } from "./text.js";

const TABS = [["", "Result"], ["timeline", "Timeline"], ["calls", "Calls and cost"], ["request", "Request"], ["json", "JSON"]];

/** The job with this id, and the text it writes, as long as somebody looks. @param {string} id */
function useJob(id) {
  const [state, setState] = useState(() => client.watch(id).snapshot());
  useEffect(() => {
    const handle = client.watch(id);
    setState(handle.snapshot());
    const leave = handle.subscribe(setState);
    return () => {
      leave();
      if (!isMine(id)) handle.detach();
    };
  }, [id]);
  return state;
}

/** @param {{id: string, types: any[]}} given */
export function Panel({ id, types }) {
  const state = useJob(id);
  const { tab } = useStore(route);
  const top = useRef(null);
  useEffect(() => void (matchMedia("(max-width: 60rem)").matches && top.current?.focus()), []);
  const { job, connection } = state;
  const lost = ["gone", "expired", "refused"].includes(connection);
  const type = types.find((one) => one.type === job?.type);
  return html`<section class="panel" aria-label="Job">
    <header ref=${top} tabindex="-1">
      <div><h1>${type?.title ?? words(job?.type ?? "Job")}</h1>
        <p class="soft"><code title=${id}>${shortId(id)}</code>${job && html` <span class=${`badge ${job.status}`}>${statusWord(job.status)}</span>`}
          ${job?.session_id && html` <span class="soft">${job.session_id}</span>`}${connection === "paused" && html` <span class="badge away">reconnecting…</span>`}</p></div>
      ${!lost && job && html`<${Actions} job=${job} />`}
      <button class="small close" aria-label="Close" onClick=${close}>✕</button>
    </header>
    ${lost && html`<${Lost} />`}
    ${!lost && !job && html`<p class="soft" aria-busy="true">Asking…</p>`}
    ${!lost && job && html`<${Whole} job=${job} partial=${state.partial} tab=${tab} type=${type} />`}
  </section>`;
}

/** @param {{job: any, partial: any, tab: string, type: any}} given */
function Whole({ job, partial, tab, type }) {
  return html`
    <${Progress} job=${job} type=${type} />
    ${job.status === "failed" && html`<${Trouble} job=${job} />`}
    ${job.status === "completed" && html`<${Kept} job=${job} />`}
    <${Tabs} tab=${tab} running=${!ended(job)} />
    <div class="tab" role="tabpanel" id="tabpanel" aria-labelledby=${`tab-${tab || "result"}`} tabindex="0">
      ${tab === "timeline" ? html`<${Timeline} key=${job.attempt} job=${job} type=${type} />`
        : tab === "calls" ? html`<${Calls} job=${job} />`
        : tab === "request" ? html`<${Request} job=${job} />`
        : tab === "json" ? html`<${Raw} job=${job} />`
        : html`<${Outcome} job=${job} partial=${partial} />`}
    </div>`;
}

/** @param {{job: any, partial: any}} given */
function Outcome({ job, partial }) {
  if (job.result !== null && job.result !== undefined) return html`<${Result} value=${job.result} type=${job.type} />`;
  if (!ended(job)) return html`<${Live} job=${job} partial=${partial} />`;
  return html`<${Made} job=${job} partial=${partial} />`;
}

/** @param {{tab: string, running: boolean}} given */
function Tabs({ tab, running }) {
  const press = (/** @type {KeyboardEvent} */ event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const at = TABS.findIndex(([name]) => name === tab);
    const next = TABS[(at + by + TABS.length) % TABS.length][0];
    go({ tab: next }, { quietly: true });
    document.getElementById(`tab-${next || "result"}`)?.focus();
  };
  return html`<div class="tabs" role="tablist" aria-label="About this job" onKeyDown=${press}>
    ${TABS.map(([name, word]) => html`<button key=${name} role="tab" id=${`tab-${name || "result"}`} aria-controls="tabpanel" aria-selected=${String(tab === name)}
      tabindex=${tab === name ? 0 : -1} onClick=${() => go({ tab: name }, { quietly: true })}>${name === "" && running ? "Live" : word}</button>`)}</div>`;
}

function Lost() {
  return html`<div class="empty"><h2>This job is not there</h2>
    <p>Ended jobs are kept for 24 hours; or it was deleted, or the id is not whole. Worlds that were made stay: <code>GET /worlds</code>.</p>
    <button onClick=${() => go({ job: "" })}>All jobs</button></div>`;
}
