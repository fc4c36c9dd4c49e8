// One job: its state, its output and its actions.
import { html, useEffect, useRef, useState, useStore } from "../lib/html.js";
import { client } from "../lib/api.js";
import { go, route } from "../lib/router.js";
import { shortId, statusWord, words } from "../lib/text.js";
import { isOwn } from "../jobs/own-jobs.js";
import { hasEnded } from "../jobs/row-updates.js";
import { closePanel } from "../ui/keyboard.js";
import { Actions } from "./actions.js";
import { CachedNotice } from "./cached-notice.js";
import { ErrorPanel } from "./error-panel.js";
import { Progress } from "./progress.js";
import { TabContent, Tabs } from "./tabs.js";

/** @typedef {import("../lib/types.js").Job} Job */
/** @typedef {import("../lib/types.js").JobType} JobType */

/** Follows the job while the panel is open. @param {string} id */
function useJob(id) {
  const [state, setState] = useState(() => client.watch(id).snapshot());
  useEffect(() => {
    const handle = client.watch(id);
    setState(handle.snapshot());
    const unsubscribe = handle.subscribe(setState);
    return () => {
      unsubscribe();
      if (!isOwn(id)) handle.detach();
    };
  }, [id]);
  return state;
}

/** @param {{id: string, types: JobType[]}} props */
export function Panel({ id, types }) {
  const state = useJob(id);
  const header = useRef(/** @type {any} */ (null));
  useEffect(() => void (matchMedia("(max-width: 60rem)").matches && header.current?.focus()), []);
  const { job, connection } = state;
  const lost = ["gone", "expired", "refused"].includes(connection);
  const type = types.find((one) => one.type === job?.type);
  return html`<section class="panel" aria-label="Job">
    <header ref=${header} tabindex="-1">
      <div>
        <h1>${type?.title ?? words(job?.type ?? "Job")}</h1>
        <p class="soft">
          <code title=${id}>${shortId(id)}</code>
          ${job &&
          html`${" "}<span class=${`badge ${job.status}`}>${statusWord(job.status)}</span>`}
          ${job?.session_id && html`${" "}<span class="soft">${job.session_id}</span>`}
          ${job?.priority &&
          job.priority !== "normal" &&
          html`${" "}<span class="badge">${job.priority}</span>`}
          ${connection === "paused" && html`${" "}<span class="badge away">reconnecting…</span>`}
        </p>
        ${job?.title && html`<p class="asked">${job.title}</p>`}
      </div>
      ${!lost && job && html`<${Actions} job=${job} />`}
      <button class="small close" aria-label="Close" onClick=${closePanel}>✕</button>
    </header>
    ${lost
      ? html`<${NotFound} />`
      : job
        ? html`<${Body} job=${job} partial=${state.partial} type=${type} />`
        : html`<p class="soft" aria-busy="true">Loading…</p>`}
  </section>`;
}

/**
 * @param {{job: Job, partial: import("../lib/types.js").PartialOutput,
 *   type: JobType|undefined}} props
 */
function Body({ job, partial, type }) {
  const { tab } = useStore(route);
  return html`<${Progress} job=${job} type=${type} />
    ${job.status === "failed" && html`<${ErrorPanel} job=${job} />`}
    ${job.status === "completed" && html`<${CachedNotice} job=${job} />`}
    <${Tabs} tab=${tab} running=${!hasEnded(job)} />
    <${TabContent} tab=${tab} job=${job} partial=${partial} />`;
}

function NotFound() {
  return html`<div class="empty">
    <h2>Job not found</h2>
    <p>
      Finished jobs are kept for a limited time, 24 hours by default. It may have been deleted, or
      the ID may be incomplete. Saved worlds remain: <code>GET /worlds</code>.
    </p>
    <button onClick=${() => go({ job: "" })}>All jobs</button>
  </div>`;
}
