// A result as something to read: cards for what has a name, a page for a world, else a tidy tree.
// Whatever is in it comes from a model: it is only ever text.
import { html, useState } from "./html.js";
import { Tree } from "./tree.js";
import { isWorld, World } from "./world.js";
import { words } from "./text.js";

const SHORT = 90;
const NAMES = ["name", "title"];
const KICKERS = ["role", "type", "kind", "species", "date", "age", "era"];
const LEADS = ["description", "summary", "text"];
const HIDDEN = ["secret", "hidden", "twist"];
const MOST = 60;

/** @param {{value: any, type?: string}} given */
export function Result({ value, type = "" }) {
  if (isWorld(value)) return html`<${World} world=${value} />`;
  if (entities(value)) return html`<${Cards} all=${value} />`;
  if (!record(value)) return html`<div class="lore"><${Tree} value=${value} /></div>`;
  const keys = Object.keys(value);
  if (keys.length === 1 && entities(value[keys[0]])) return html`<${Cards} all=${value[keys[0]]} />`;
  if (entity(value)) return html`<div class="cards one"><${Card} one=${value} /></div>`;
  return html`<div class="lore">${keys.map((name) => html`<section key=${name}><h3>${words(name)}</h3><${Part} value=${value[name]} /></section>`)}</div>`;
}

/** @param {{value: any}} given */
function Part({ value }) {
  if (entities(value)) return html`<${Cards} all=${value} />`;
  if (typeof value === "string") return html`<${Prose} text=${value} />`;
  return html`<${Tree} value=${value} />`;
}

/** @param {any} value */
export const record = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** @param {any} value */
const entity = (value) => record(value) && NAMES.some((name) => typeof value[name] === "string" && value[name]);

/** Whether it is a list of things with names. @param {any} value */
export const entities = (value) => Array.isArray(value) && value.length > 0 && value.every(entity);

/** @param {{all: any[]}} given */
export function Cards({ all }) {
  const [most, setMost] = useState(MOST);
  return html`<div class="cards">${all.slice(0, most).map((one, i) => html`<${Card} key=${i} one=${one} />`)}</div>
    ${all.length > most && html`<button onClick=${() => setMost(most + MOST)}>Show more of ${all.length}</button>`}`;
}

/**
 * What stands where on a card. Pure.
 * @param {Record<string, any>} one
 * @returns {{title: string, kicker: string[], lead: string, chips: [string, string[]][], lines: [string, any][], secrets: [string, string][]}}
 */
export function arranged(one) {
  const title = NAMES.find((name) => typeof one[name] === "string") ?? "";
  const lead = LEADS.find((name) => typeof one[name] === "string") ?? "";
  const scalar = (/** @type {string} */ name) => ["string", "number"].includes(typeof one[name]) && String(one[name]).length <= SHORT;
  const kickers = KICKERS.filter((name) => name in one && scalar(name));
  const rest = Object.keys(one).filter((name) => ![title, lead, ...kickers].includes(name) && !empty(one[name]));
  const chips = rest.filter((name) => Array.isArray(one[name]) && one[name].every((/** @type {any} */ each) => typeof each === "string" && each.length <= SHORT));
  const secrets = rest.filter((name) => HIDDEN.includes(name) && typeof one[name] === "string");
  const lines = rest.filter((name) => !chips.includes(name) && !secrets.includes(name));
  return {
    title: one[title] ?? "", lead: one[lead] ?? "",
    kicker: kickers.map((name) => (name === "age" ? `${one.age} years` : String(one[name]))),
    chips: chips.map((name) => [name, one[name]]),
    lines: lines.map((name) => [name, one[name]]),
    secrets: secrets.map((name) => [name, one[name]]),
  };
}

/** @param {any} value */
const empty = (value) => value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length);

/** @param {{one: Record<string, any>}} given */
function Card({ one }) {
  const { title, kicker, lead, chips, lines, secrets } = arranged(one);
  return html`<article class="card">
    <h4>${title}</h4>
    ${kicker.length > 0 && html`<p class="kicker">${kicker.join(" · ")}</p>`}
    ${lead && html`<${Prose} text=${lead} />`}
    ${chips.map(([name, all]) => html`<div class="tags" key=${name}><span class="label">${words(name)}</span>
      <ul>${all.map((each, i) => html`<li key=${i}>${each}</li>`)}</ul></div>`)}
    ${lines.length > 0 && html`<dl>${lines.map(([name, value]) => html`<div key=${name}><dt>${words(name)}</dt>
      <dd>${["string", "number"].includes(typeof value) ? String(value) : html`<${Tree} value=${value} />`}</dd></div>`)}</dl>`}
    ${secrets.map(([name, value]) => html`<details key=${name} class="secret"><summary>${words(name)}</summary><p>${value}</p></details>`)}
  </article>`;
}

/** Text in its paragraphs. @param {{text: string}} given */
export function Prose({ text }) {
  return text.split(/\n{2,}/).map((part, i) => html`<p key=${i} class="prose">${part}</p>`);
}
