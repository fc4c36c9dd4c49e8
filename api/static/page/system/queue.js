// The queue: what waits, what holds it back, and its pauses. For admins.
import { html, usePolled, useState } from "../lib/html.js";
import { pauseQueue, queue, resumeQueue } from "../lib/api.js";
import { count, duration, words } from "../lib/text.js";
import { Tiles } from "../ui/tiles.js";
import { showError } from "../ui/toasts.js";

const POLL_INTERVAL_MS = 5000;

/** @typedef {import("../lib/types.js").QueueState} QueueState */
/** @typedef {QueueState["paused"][number]} Pause */
/** @typedef {{paused: Pause[], since: QueueState}} Change What counts until the next poll. */

export function Queue() {
  const state = usePolled(queue, POLL_INTERVAL_MS);
  const [changed, setChanged] = useState(/** @type {Change|null} */ (null));
  if (!state) return null;
  const paused = changed?.since === state ? changed.paused : state.paused;
  const change = (/** @type {Promise<Pause[]>} */ reply) =>
    void reply.then(
      (paused) => setChanged({ paused, since: state }),
      (error) => showError("queue", error),
    );
  const tiles = [
    ["Waiting", count(state.waiting)],
    ["Running", count(state.running)],
    ["Workers", count(state.workers.length)],
    ["Workers wanted", count(state.wanted_workers)],
  ];
  return html`<h2>Queue</h2>
    ${paused.map(
      (pause) => html`<${PauseNote} key=${keyOf(pause)} pause=${pause} change=${change} />`,
    )}
    <${Tiles} tiles=${tiles} />
    ${state.pools.length > 0 && html`<${Pools} pools=${state.pools} />`}
    ${state.owners.length > 0 && html`<${Owners} owners=${state.owners} />`}
    ${!paused.some(({ scope }) => scope === "all") &&
    html`<div class="buttons">
      <button class="small" onClick=${() => change(pauseQueue({ scope: "all" }))}>
        Pause the queue
      </button>
    </div>`}`;
}

const keyOf = (/** @type {Pause} */ { scope, name }) => `${scope}:${name ?? ""}`;

/** @param {{pause: Pause, change: (reply: Promise<Pause[]>) => void}} props */
function PauseNote({ pause: { scope, name, by, reason }, change }) {
  const what = scope === "all" ? "All jobs" : `${words(scope)} ${name}`;
  return html`<p class="note bad">
    ${what} paused by ${by}${reason && `: ${reason}`}. Running jobs go on.${" "}
    <button class="small" onClick=${() => change(resumeQueue({ scope, name }))}>Resume</button>
  </p>`;
}

/** @param {{pools: QueueState["pools"]}} props */
function Pools({ pools }) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Waiting by model">
    <table>
      <thead>
        <tr>
          <th>Model</th>
          <th class="num">Waiting</th>
          <th class="num">Calls</th>
          <th>Held back by</th>
        </tr>
      </thead>
      <tbody>
        ${pools.map(
          ({ pool, waiting, running, reason }) =>
            html`<tr key=${pool}>
              <td>${pool}</td>
              <td class="num">${count(waiting)}</td>
              <td class="num">${count(running)}</td>
              <td>${reason ?? "–"}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** @param {{owners: QueueState["owners"]}} props */
function Owners({ owners }) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Waiting by owner">
    <table>
      <thead>
        <tr>
          <th>Owner</th>
          <th class="num">Waiting</th>
          <th class="num">Running</th>
          <th class="num">Longest wait</th>
        </tr>
      </thead>
      <tbody>
        ${owners.map(
          ({ owner, waiting, running, longest_wait_s: wait }) =>
            html`<tr key=${owner}>
              <td>${owner}</td>
              <td class="num">${count(waiting)}</td>
              <td class="num">${count(running)}</td>
              <td class="num">${duration(wait)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
