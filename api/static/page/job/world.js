// A world as a page to read.
import { html } from "../lib/html.js";
import { words } from "../lib/text.js";
import { Cards, Prose } from "./cards.js";
import { isEntityList } from "./shapes.js";

const OUTLINE = ["geography", "history", "magic", "conflict"];
const PARTS = [
  ["settings", "Places"],
  ["factions", "Factions"],
  ["characters", "Characters"],
  ["relics", "Relics"],
  ["events", "Events"],
];

/** @param {{world: any}} props */
export function World({ world }) {
  const { outline, story } = world;
  const parts = PARTS.filter(([name]) => isEntityList(world[name]));
  const chapters = Array.isArray(story?.chapters) ? story.chapters : [];
  return html`<article class="world lore">
    <header>
      <p class="kicker">${text(world.theme)}</p>
      <h2>${text(world.title) || "A world"}</h2>
      <p class="lead">${text(world.premise ?? outline.premise)}</p>
      ${Array.isArray(outline.themes) &&
      html`<ul class="themes">
        ${outline.themes.map((one, i) => html`<li key=${i}>${text(one)}</li>`)}
      </ul>`}
    </header>
    <nav aria-label="Parts of this world" class="parts">
      ${parts.map(
        ([name, label]) =>
          html`<${JumpTo}
            key=${name}
            id=${`world-${name}`}
            label=${`${label} ${world[name].length}`}
          />`,
      )}
      ${chapters.length > 0 && html`<${JumpTo} id="world-story" label="Story" />`}
    </nav>
    <div class="outline">
      ${OUTLINE.filter((name) => text(outline[name])).map(
        (name) =>
          html`<section key=${name}>
            <h3>${words(name)}</h3>
            <${Prose} text=${text(outline[name])} />
          </section>`,
      )}
    </div>
    ${parts.map(
      ([name, label]) =>
        html`<section key=${name} id=${`world-${name}`} tabindex="-1">
          <h3>${label}</h3>
          <${Cards} entities=${world[name]} />
        </section>`,
    )}
    ${chapters.length > 0 &&
    html`<section class="story" id="world-story" tabindex="-1">
      <h3>${text(story.title) || "Story"}</h3>
      ${chapters.map(
        (one, i) =>
          html`<section key=${i}>
            <h4>${text(one?.title)}</h4>
            <${Prose} text=${text(one?.text)} />
          </section>`,
      )}
      ${text(story.ending) &&
      html`<div class="ending"><${Prose} text=${text(story.ending)} /></div>`}
    </section>`}
  </article>`;
}

/**
 * Scrolls to a part; the address of the page stays the same.
 * @param {{id: string, label: string}} props
 */
function JumpTo({ id, label }) {
  const jump = () => {
    const target = document.getElementById(id);
    target?.scrollIntoView({ block: "start" });
    target?.focus({ preventScroll: true });
  };
  return html`<button type="button" class="chip" onClick=${jump}>${label}</button>`;
}

/** @param {unknown} value */
const text = (value) =>
  typeof value === "string" || typeof value === "number" ? String(value) : "";
