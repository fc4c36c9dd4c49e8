// The log-in, and who is logged in.
import { html, useEffect, useRef, useState, useStore } from "../lib/html.js";
import { showError } from "../ui/toasts.js";
import { logIn, logOut, session } from "./session.js";

/** The form in place of the page while a log-in is needed. */
export function LoginPage() {
  const { required, principal } = useStore(session);
  if (!required) return null;
  return html`<main class="login">
    <h1>Log in to Loresmith</h1>
    ${principal
      ? html`<p class="soft">Your session has ended. You will come back to where you were.</p>`
      : html`<p class="soft">This server needs an API key.</p>`}
    <${KeyForm} />
    <p class="soft">
      An admin makes keys on the view Keys, or with <code>loresmith keys create</code>.
    </p>
  </main>`;
}

function KeyForm() {
  const [error, setError] = useState("");
  const [sending, setSending] = useState(false);
  const input = useRef(/** @type {any} */ (null));
  useEffect(() => input.current?.focus(), []);
  const onSubmit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (sending) return;
    setSending(true);
    const wrong = await logIn(input.current.value);
    setSending(false);
    setError(wrong);
    if (wrong) input.current?.select();
  };
  return html`<form onSubmit=${onSubmit}>
    <div class="field">
      <label for="key">API key</label>
      <input
        id="key"
        ref=${input}
        type="password"
        autocomplete="current-password"
        spellcheck="false"
        required
        maxlength="200"
        aria-invalid=${error ? "true" : null}
        aria-describedby="key-help"
      />
      <p class=${`help${error ? " wrong" : ""}`} id="key-help" role=${error ? "alert" : null}>
        ${error || "It begins with lore_"}
      </p>
    </div>
    <div class="buttons">
      <button class="main" type="submit" disabled=${sending}>
        ${sending ? "Logging in…" : "Log in"}
      </button>
    </div>
  </form>`;
}

/** In the header: who is logged in, and the way out. */
export function User() {
  const { principal, expires } = useStore(session);
  if (!principal || !expires) return null;
  const until = new Date(expires).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  const name = principal.name || principal.user_id;
  const onClick = () => logOut().catch((error) => showError("log-out", error));
  return html`<span class="user" title=${`Role ${principal.role}, until ${until}`}>${name}</span>
    <button class="small" onClick=${onClick}>Log out</button>`;
}
