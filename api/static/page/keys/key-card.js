// One API key: what it may do, when it was used, when it ends.
import { html, useNow } from "../lib/html.js";
import { ago, words } from "../lib/text.js";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/**
 * @param {{of: import("../lib/types.js").Key, rotate: () => void, revoke: () => void}} props
 */
export function KeyCard({ of: key, rotate, revoke }) {
  const now = useNow(MINUTE_MS);
  const isOver = key.state === "revoked";
  const facts = [
    ["Id", html`<code>${key.id}</code>`],
    ["Role", key.role],
    ["User", key.user_id],
    ["Team", key.team_id],
    ["Scopes", key.scopes?.join(", ") ?? "all of its role"],
    ["Created", ago(key.created_at, now)],
    ["Last used", ago(key.last_used_at, now) || "never"],
    isOver ? ["Revoked", ago(key.revoked_at, now)] : ["Expires", ahead(key.expires_at, now)],
  ];
  return html`<li class=${`api-key ${key.state}`} data-key=${key.id}>
    <div class="line">
      <b>${key.name}</b>
      <span class=${`state ${key.state}`}>${words(key.state)}</span>
      <span class="grow" />
      ${!isOver &&
      html`<button class="small" aria-label=${`Rotate ${key.name}`} onClick=${rotate}>
          Rotate
        </button>
        <button class="small bad" aria-label=${`Revoke ${key.name}`} onClick=${revoke}>
          Revoke
        </button>`}
    </div>
    <dl>
      ${facts
        .filter(([, value]) => value)
        .map(
          ([name, value]) =>
            html`<div key=${name}>
              <dt>${name}</dt>
              <dd>${value}</dd>
            </div>`,
        )}
    </dl>
  </li>`;
}

/** @param {string} then @param {number} now */
function ahead(then, now) {
  const days = Math.floor((Date.parse(then) - now) / DAY_MS);
  if (Date.parse(then) <= now) return ago(then, now);
  return days < 1 ? "within a day" : `in ${days} d`;
}
