// A whole world as a page to read.
import { html } from "./html.js";
import { Cards, entities, Prose, record } from "./result.js";
import { words } from "./text.js";

const OUTLINE = ["geography", "history", "magic", "conflict"];
const PARTS = [["settings", "Places"], ["factions", "Factions"], ["characters", "Characters"], ["relics", "Relics"], ["events", "Events"]];

/** Whether a result is a world: an outline, and lore that fits it. @param {any} value */
export const isWorld = (value) => record(value) && record(value.outline) && PARTS.some(([name]) => entities(value[name]));

/** @param {{world: any}} given */
export function World({ world }) {
  const { outline, story } = world;
  const parts = PARTS.filter(([name]) => entities(world[name]));
  const chapters = Array.isArray(story?.chapters) ? story.chapters : [];
  return html`<article class="world lore">
    <header><p class="kicker">${text(world.theme)}</p><h2>${text(world.title) || "A world"}</h2><p class="lead">${text(world.premise ?? outline.premise)}</p>
      ${Array.isArray(outline.themes) && html`<ul class="themes">${outline.themes.map((one, i) => html`<li key=${i}>${text(one)}</li>`)}</ul>`}</header>
    <nav aria-label="Parts of this world" class="parts">${parts.map(([name, word]) => html`<${Jump} key=${name} to=${`world-${name}`} word=${`${word} ${world[name].length}`} />`)}
      ${chapters.length > 0 && html`<${Jump} to="world-story" word="Story" />`}</nav>
    <div class="outline">${OUTLINE.filter((name) => text(outline[name])).map((name) => html`<section key=${name}><h3>${words(name)}</h3><${Prose} text=${text(outline[name])} /></section>`)}</div>
    ${parts.map(([name, word]) => html`<section key=${name} id=${`world-${name}`} tabindex="-1"><h3>${word}</h3><${Cards} all=${world[name]} /></section>`)}
    ${chapters.length > 0 && html`<section class="story" id="world-story" tabindex="-1"><h3>${text(story.title) || "Story"}</h3>
      ${chapters.map((one, i) => html`<section key=${i}><h4>${text(one?.title)}</h4><${Prose} text=${text(one?.text)} /></section>`)}
      ${text(story.ending) && html`<div class="ending"><${Prose} text=${text(story.ending)} /></div>`}</section>`}
  </article>`;
}

/** The page's address stays as it is. @param {{to: string, word: string}} given */
function Jump({ to, word }) {
  const jump = () => {
    const target = document.getElementById(to);
    target?.scrollIntoView({ block: "start" });
    target?.focus({ preventScroll: true });
  };
  return html`<button type="button" class="chip" onClick=${jump}>${word}</button>`;
}

/** @param {any} value */
const text = (value) => (typeof value === "string" || typeof value === "number" ? String(value) : "");
