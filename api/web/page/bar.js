import { html } from "./html.js";

const MEASURED = ["tokens", "items", "steps"];
const BY = { simulated: "estimated by time", tokens: "measured by text", items: "measured by entities", steps: "measured by steps" };

/** Whether the bar is moved by what has been made, and not by the clock. @param {string} source */
export const measured = (source) => MEASURED.includes(source);

/** What moves the bar, in words. @param {string} source */
export const by = (source) => BY[source] ?? "";

/**
 * A progress bar: solid where it is measured, striped where it goes by time.
 * @param {{progress: number, source: string, quiet?: boolean, label?: string}} given
 * `quiet`: only to look at, because words beside it say the same.
 */
export function Bar({ progress, source, quiet = false, label = "Progress" }) {
  const told = quiet ? { "aria-hidden": "true" } : {
    role: "progressbar", "aria-label": label, "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": progress,
    "aria-valuetext": `${progress} percent, ${by(source)}`,
  };
  return html`<span class=${`bar ${measured(source) ? "solid" : "striped"}`} ...${told}>
    <span style=${{ width: `${progress}%` }} /></span>`;
}
