// API keys: who may use the server.
import { html, useEffect, useState } from "../lib/html.js";
import { apiKeys, revokeKey, rotateKey } from "../lib/api.js";
import { isOpen, may } from "../login/session.js";
import { confirm } from "../ui/confirm-dialog.js";
import { showError } from "../ui/toasts.js";
import { KeyCard } from "./key-card.js";
import { NewKeyForm } from "./new-key-form.js";
import { Secret } from "./secret.js";

const POLL_INTERVAL_MS = 5000;

/** @typedef {import("../lib/types.js").Key} Key */
/** @typedef {import("../lib/types.js").NewKey} NewKey */

export function Keys() {
  const [keys, setKeys] = useState(/** @type {Key[]|null} */ (null));
  const [created, setCreated] = useState(/** @type {NewKey|null} */ (null));
  const read = () => apiKeys().then(setKeys, () => {});
  const show = (/** @type {NewKey} */ key) => (setCreated(key), void read());
  useEffect(() => {
    if (may("keys")) void read();
    const timer = setInterval(() => document.hidden || !may("keys") || read(), POLL_INTERVAL_MS);
    return () => clearInterval(timer);
  }, []);
  if (!may("keys"))
    return html`<section aria-label="Keys">
      <h1>Keys</h1>
      <p class="soft">Only admins manage API keys. Ask one for a key of your own.</p>
    </section>`;
  return html`<section class="keys-view" aria-label="Keys">
    <h1>Keys</h1>
    ${isOpen() &&
    html`<p class="note">
      Everybody who reaches this server may use it. The first key closes it: from then on every
      request needs one.
    </p>`}
    ${created && html`<${Secret} created=${created} close=${() => setCreated(null)} />`}
    <${NewKeyForm} key=${created?.key} show=${show} />
    ${keys
      ? html`<${KeyList} keys=${keys} show=${show} read=${read} />`
      : html`<p class="soft">Loading…</p>`}
  </section>`;
}

/** @param {{keys: Key[], show: (key: NewKey) => void, read: () => Promise<void>}} props */
function KeyList({ keys, show, read }) {
  if (!keys.length) return html`<p class="soft">There are no keys yet.</p>`;
  const rotate = (/** @type {Key} */ key) =>
    act(key, ROTATE, async () => show(await rotateKey(key.id)));
  const revoke = (/** @type {Key} */ key) =>
    act(key, REVOKE, async () => void (await revokeKey(key.id), await read()));
  return html`<ul class="api-keys" aria-label="API keys">
    ${keys.map(
      (key) =>
        html`<${KeyCard}
          key=${key.id}
          of=${key}
          rotate=${() => rotate(key)}
          revoke=${() => revoke(key)}
        />`,
    )}
  </ul>`;
}

const ROTATE = {
  title: "Rotate",
  body: "It gets a new secret. The old one stays valid for 24 hours.",
  accept: "Rotate",
};
const REVOKE = {
  title: "Revoke",
  body: "Both of its secrets and all sessions that use it end at once. Its jobs go on.",
  accept: "Revoke",
  danger: true,
};

/** @param {Key} key @param {typeof ROTATE} question @param {() => Promise<void>} run */
async function act(key, question, run) {
  const title = `${question.title} ${key.name}?`;
  const body = html`<p>${question.body}</p>`;
  if (!(await confirm({ ...question, title, body }))) return;
  await run().catch((error) => showError(key.id, error, `${key.name}: `));
}
