// Whether the page is connected to the server.
import { html, useNow, useStore } from "../lib/html.js";
import { client } from "../lib/api.js";
import { duration } from "../lib/text.js";

const network = {
  get: () => client.network.snapshot(),
  subscribe: (/** @type {() => void} */ listener) => client.network.subscribe(listener),
};

export function NetworkStatus() {
  const { online, paused, since } = useStore(network);
  const connected = online && !paused;
  const now = useNow(1000, !connected);
  const status = connected ? "Live" : online ? "Reconnecting…" : "Offline";
  const elapsed = since ? Math.max(1, Math.round((now - since) / 1000)) : null;
  const title = connected ? "Up to date" : "Jobs keep running; reconnecting automatically";
  return html`<span class=${`network ${connected ? "connected" : "away"}`} title=${title}>
    <span class="dot" aria-hidden="true" /><span role="status">${status}</span>
    ${!connected &&
    elapsed !== null &&
    html`<span aria-hidden="true">, for ${duration(elapsed)}</span>`}
  </span>`;
}
