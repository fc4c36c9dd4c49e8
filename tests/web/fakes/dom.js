// A DOM in memory for React, and the modules under test.

import { register } from "node:module";
import { JSDOM } from "jsdom";

register("./resolve.js", import.meta.url);

const { window } = new JSDOM("<!doctype html><body></body>", { url: "http://lore.test/" });
Object.assign(globalThis, {
  window,
  document: window.document,
  navigator: window.navigator,
  HTMLElement: window.HTMLElement,
  IS_REACT_ACT_ENVIRONMENT: true,
});

export const React = await import("react");
const { createRoot } = await import("react-dom/client");
export const hooks = await import("../../../api/static/react/hooks.js");
export const ui = await import("../../../api/static/react/ui.js");
const { act, createElement: h, StrictMode } = React;

/** Renders a component under StrictMode, which mounts everything twice, beside a fake browser. */
export async function render(tab, component, props = {}) {
  const element = document.body.appendChild(document.createElement("div"));
  const root = createRoot(element);
  const show = (more) =>
    act(async () =>
      root.render(
        h(
          StrictMode,
          null,
          h(hooks.JobsProvider, { client: tab.client }, h(component, { ...props, ...more })),
        ),
      ),
    );
  await show();
  return {
    element,
    show,
    text: () => element.textContent,
    find: (selector) => element.querySelector(selector),
    click: (text) =>
      act(async () => {
        const button = [...element.querySelectorAll("button")].find(
          (one) => one.textContent === text,
        );
        if (!button) throw new Error(`no button ${text} in ${element.innerHTML}`);
        button.click();
      }),
    advance: (ms) => act(() => tab.browser.advance(ms)),
    act: (run) => act(async () => void (await run())),
    unmount: () => act(async () => root.unmount()),
  };
}
