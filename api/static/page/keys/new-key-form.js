// The form of a new API key.
import { html, useState } from "../lib/html.js";
import { createKey } from "../lib/api.js";
import { isOpen, logIn, session } from "../login/session.js";

const ROLES = { viewer: "Viewer: reads", member: "Member: runs jobs", admin: "Admin: everything" };
const TERMS = { "30d": "30 days", "90d": "90 days", "365d": "A year" };

/** @param {{show: (key: import("../lib/types.js").NewKey) => void}} props */
export function NewKeyForm({ show }) {
  const [error, setError] = useState("");
  const [sending, setSending] = useState(false);
  const onSubmit = async (/** @type {any} */ event) => {
    event.preventDefault();
    setSending(true);
    setError("");
    try {
      const wasOpen = isOpen();
      const created = await createKey(bodyOf(new FormData(event.target)));
      if (wasOpen) await logIn(created.key); // or this page would be locked out
      show(created);
    } catch (refused) {
      setError(refused instanceof Error ? refused.message : String(refused));
    }
    setSending(false);
  };
  const first = isOpen();
  return html`<details class="more" open=${first}>
    <summary>Create a key</summary>
    <form class="new-key" onSubmit=${onSubmit}>
      <${Field} name="name" label="Name" help="What it is for" required />
      <${Choice}
        name="role"
        label="Role"
        options=${first ? { admin: ROLES.admin } : ROLES}
        chosen=${first ? "admin" : "member"}
      />
      <${Choice} name="expires_in" label="Valid for" options=${TERMS} chosen="90d" />
      <${Field} name="user_id" label="User" help="Empty: a user of its own" />
      <${Field} name="team_id" label="Team" help="Of that user" />
      ${!first && html`<${Scopes} />`}
      ${error && html`<p class="note bad" role="alert">${error}</p>`}
      <div class="buttons">
        <button class="main" type="submit" disabled=${sending}>Create the key</button>
      </div>
    </form>
  </details>`;
}

/** @param {FormData} form */
function bodyOf(form) {
  const texts = ["name", "role", "expires_in", "user_id", "team_id"].map((name) => [
    name,
    String(form.get(name) ?? "").trim(),
  ]);
  const scopes = form.getAll("scopes");
  const body = Object.fromEntries(texts.filter(([, text]) => text));
  return scopes.length ? { ...body, scopes } : body;
}

/** @param {{name: string, label: string, help: string, required?: boolean}} props */
function Field({ name, label, help, required = false }) {
  return html`<div class="field">
    <label for=${`new-key-${name}`}>${label}</label>
    <input
      id=${`new-key-${name}`}
      name=${name}
      maxlength="200"
      required=${required}
      autocomplete="off"
      aria-describedby=${`new-key-${name}-help`}
    />
    <p class="help" id=${`new-key-${name}-help`}>${help}</p>
  </div>`;
}

/**
 * @param {{name: string, label: string, options: Record<string, string>, chosen: string}} props
 */
function Choice({ name, label, options, chosen }) {
  return html`<div class="field">
    <label for=${`new-key-${name}`}>${label}</label>
    <select id=${`new-key-${name}`} name=${name}>
      ${Object.entries(options).map(
        ([value, text]) =>
          html`<option key=${value} value=${value} selected=${value === chosen}>${text}</option>`,
      )}
    </select>
  </div>`;
}

function Scopes() {
  const scopes = session.get().principal?.scopes ?? [];
  return html`<fieldset class="group scopes">
    <legend>Scopes</legend>
    <p class="help">None chosen: all that the role allows</p>
    ${scopes.map(
      (scope) =>
        html`<label key=${scope}>
          <input type="checkbox" name="scopes" value=${scope} /> <code>${scope}</code>
        </label>`,
    )}
  </fieldset>`;
}
