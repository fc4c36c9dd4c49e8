// The log-in, and who is logged in.
import { html, useEffect, useRef, useState, useStore } from "../lib/html.js";
import { showError } from "../ui/toasts.js";
import { logIn, logOut, session } from "./session.js";

/** The form in place of the page while a log-in is needed. */
export function LoginPage() {
  const { required, principal, methods } = useStore(session);
  if (!required) return null;
  return html`<main class="login">
    <h1>Log in to Loresmith</h1>
    ${principal
      ? html`<p class="soft">Your session has ended. You will come back to where you were.</p>`
      : html`<p class="soft">This server requires a log-in.</p>`}
    ${providerError() && html`<p class="note bad" role="alert">${providerError()}</p>`}
    ${methods.includes("oidc") &&
    html`<a class="button provider" href=${providerLink()}>Log in with single sign-on</a>
      <p class="soft">Or with an API key:</p>`}
    <${KeyForm} />
    <p class="soft">
      An admin makes keys on the view Keys, or with <code>loresmith keys create</code>.
    </p>
  </main>`;
}

const ERROR = "login_error";
const ERRORS = {
  state: "The log-in took too long, or began in another window. Try again.",
  denied: "The identity provider did not log you in. Try again, or use an API key.",
  provider: "The identity provider does not answer. Try again later, or use an API key.",
  token: "The identity provider sent an answer that is not for this server. Ask an admin.",
  role: "Your account has no role here. Ask the administrator of the identity provider for one.",
};

/** Why the log-in at the identity provider failed; "" if it did not. */
function providerError() {
  const code = new URLSearchParams(location.search).get(ERROR);
  return code === null ? "" : (ERRORS[code] ?? ERRORS.token);
}

/** The log-in at the identity provider, from which the browser comes back to this place. */
function providerLink() {
  const query = new URLSearchParams(location.search);
  query.delete(ERROR);
  return `session/oidc?return=${encodeURIComponent(query.size ? `?${query}` : "")}`;
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
