// A progress bar: solid where progress is measured, striped where it is estimated by time.
import { html } from "../lib/html.js";

const LABELS = {
  simulated: "estimated",
  tokens: "measured by output",
  items: "measured by items",
  steps: "measured by steps",
};

/**
 * How the progress is known, in words: "2 of 4 done" where the job counts its items.
 * @param {string} source
 * @param {import("../lib/types.js").ProgressDetail|null} [detail]
 */
export function progressBasis(source, detail) {
  const { items_done: done, items_expected: expected } = detail ?? {};
  if (source === "items" && expected) return `${done ?? 0} of ${expected} done`;
  return LABELS[source] ?? "";
}

/**
 * @param {{progress: number, source: string, decorative?: boolean, label?: string}} props
 * `decorative`: hidden from screen readers, because text beside it says the same.
 */
export function ProgressBar({ progress, source, decorative = false, label = "Progress" }) {
  const attributes = decorative
    ? { "aria-hidden": "true" }
    : {
        role: "progressbar",
        "aria-label": label,
        "aria-valuemin": 0,
        "aria-valuemax": 100,
        "aria-valuenow": progress,
        "aria-valuetext": `${progress} percent, ${progressBasis(source)}`,
      };
  const measured = ["tokens", "items", "steps"].includes(source);
  return html`<span class=${`bar ${measured ? "solid" : "striped"}`} ...${attributes}>
    <span style=${{ width: `${progress}%` }}
  /></span>`;
}
