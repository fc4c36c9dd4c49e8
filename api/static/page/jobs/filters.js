// The filters of the list, with the number of jobs for each status.
import { html } from "../lib/html.js";
import { filter } from "../lib/router.js";
import { count } from "../lib/text.js";

export const NO_FILTERS = { status: "", type: "", session: "", q: "" };
const STATUSES = [
  ["", "All"],
  ["active", "Running"],
  ["completed", "Done"],
  ["failed", "Failed"],
  ["cancelled", "Cancelled"],
];

/** @typedef {Record<string, number>|null} Counts */

/**
 * @param {{filters: import("../lib/router.js").Filters, counts: Counts,
 *   types: import("../lib/types.js").JobType[]}} props
 */
export function Filters({ filters, types, counts }) {
  const statuses = STATUSES.filter(
    ([status]) => status !== "cancelled" || filters.status === status || counts?.cancelled,
  );
  return html`<form class="filters" role="search" onSubmit=${(event) => event.preventDefault()}>
    <div class="line">
      <input
        type="search"
        id="search"
        name="q"
        placeholder="Search  /"
        aria-label="Search jobs: the beginning of an ID, or words"
        value=${filters.q}
        onInput=${(event) => filter({ q: event.target.value })}
      />
      <select
        name="type"
        aria-label="Job type"
        value=${filters.type}
        onChange=${(event) => filter({ type: event.target.value })}
      >
        <option value="">All types</option>
        ${types.map(
          ({ type, title }) =>
            html`<option key=${type} value=${type} selected=${type === filters.type}>
              ${title}
            </option>`,
        )}
      </select>
    </div>
    <div class="chips" role="group" aria-label="Status">
      ${statuses.map(
        ([status, label]) =>
          html`<button
            key=${status}
            type="button"
            class="chip"
            aria-pressed=${String(filters.status === status)}
            onClick=${() => filter({ status })}
          >
            ${label}${counts && html` <span class="n">${count(countOf(counts, status))}</span>`}
          </button>`,
      )}
      ${filters.session &&
      html`<button
        type="button"
        class="chip"
        aria-pressed="true"
        aria-label=${`Session ${filters.session}: show all sessions`}
        onClick=${() => filter({ session: "" })}
      >
        ${filters.session} ✕
      </button>`}
    </div>
  </form>`;
}

/** @param {Record<string, number>} counts @param {string} status */
function countOf(counts, status) {
  if (status === "") return Object.values(counts).reduce((sum, number) => sum + number, 0);
  if (status === "active") return (counts.pending ?? 0) + (counts.processing ?? 0);
  return counts[status] ?? 0;
}
