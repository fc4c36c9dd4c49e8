// Statistics of the last 24 hours.
import { html } from "../lib/html.js";
import { count, duration, words } from "../lib/text.js";
import { Tiles } from "../ui/tiles.js";

/** @typedef {import("../lib/types.js").Stats} Stats */

/** @param {{statistics: Stats}} props */
export function Statistics({ statistics }) {
  const { counts, success_rate: rate, running_s: running, waiting_s: waiting } = statistics;
  const { recovered, by_type: byType } = statistics;
  const tiles = [
    ["Running", count(counts.processing)],
    ["Waiting", count(counts.pending)],
    ["Done", count(counts.completed)],
    ["Failed", count(counts.failed)],
    ["Success", rate === null ? "–" : `${(rate * 100).toFixed(rate === 1 ? 0 : 1)} %`],
    ["Median run", running ? duration(running.p50) : "–"],
    ["Median wait", waiting ? duration(waiting.p50) : "–"],
    ["Recovered after a crash", `${recovered.completed} of ${recovered.jobs}`],
  ];
  return html`<h2>The last 24 hours</h2>
    <${Tiles} tiles=${tiles} />
    ${Object.keys(byType).length > 0 && html`<${ByType} types=${byType} />`}`;
}

/** @param {{types: Stats["by_type"]}} props */
function ByType({ types }) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="By type">
    <table>
      <thead>
        <tr>
          <th>Type</th>
          <th class="num">Ended</th>
          <th class="num">Done</th>
          <th class="num">Median</th>
          <th class="num">p90</th>
          <th class="num">p99</th>
        </tr>
      </thead>
      <tbody>
        ${Object.entries(types).map(
          ([name, { ended, completed, running_s: running }]) =>
            html`<tr key=${name}>
              <td>${words(name)}</td>
              <td class="num">${count(ended)}</td>
              <td class="num">${count(completed)}</td>
              ${[running?.p50, running?.p90, running?.p99].map(
                (seconds, i) =>
                  html`<td class="num" key=${i}>${running ? duration(seconds) : "–"}</td>`,
              )}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
