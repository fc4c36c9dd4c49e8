// Whether the server is heard, said as it is.
import { html, useNow, useStore } from "./html.js";
import { client } from "./api.js";
import { duration } from "./text.js";

const network = { get: () => client.network.snapshot(), subscribe: (/** @type {any} */ listener) => client.network.subscribe(listener) };

export function Network() {
  const { online, paused, since } = useStore(network);
  const away = paused || !online;
  const now = useNow(1000, away);
  const long = since ? `, for ${duration(Math.max(1, Math.round((now - since) / 1000)))}` : "";
  const told = !away ? "Live" : online ? `Reconnecting…${long}` : `Offline${long}`;
  const title = away ? "Jobs go on without this page; it asks again by itself" : "What is shown is true now";
  return html`<span class=${`network ${away ? "away" : "heard"}`} title=${title}>
    <span class="dot" aria-hidden="true" /><span role="status">${away ? (online ? "Reconnecting…" : "Offline") : "Live"}</span>
    ${away && html`<span aria-hidden="true">${told.replace(/^[^,]*/, "")}</span>`}</span>`;
}
