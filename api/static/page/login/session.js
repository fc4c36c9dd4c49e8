// Who is logged in. The credential is a cookie that no script can read.
import { address, client, unauthorizedListeners } from "../lib/api.js";
import { store } from "../lib/store.js";

/** @typedef {import("../lib/types.js").Session} Session */
/**
 * @typedef {{required: boolean, methods: string[], principal: Session["principal"],
 *   expires: string|null, logIns: number}} State `logIns`: counts those of this page.
 */
/** @type {State} */
const UNKNOWN = { required: false, methods: [], principal: null, expires: null, logIns: 0 };
export const session = store(UNKNOWN);

/** Whether the user has a scope. @param {string} scope */
export const may = (scope) => !!session.get().principal?.scopes.includes(scope);

/** Whether the server demands no credential. */
export const isOpen = () => session.get().principal?.id === "local";

/** Asks the server whether a log-in is needed. Without an answer nothing changes. */
export async function checkSession() {
  try {
    const response = await send("GET");
    if (response.ok) take(await response.json());
  } catch {
    // the page shows that there is no connection
  }
}

/**
 * Logs in. Resolves to what is wrong; "" if nothing is.
 * @param {string} key
 */
export async function logIn(key) {
  try {
    const response = await send("POST", { key });
    const body = await response.json();
    if (!response.ok) return body.detail ?? body.title;
    take(body, true);
    return "";
  } catch {
    return "The server did not answer. Check the connection, then try again.";
  }
}

/** Logs out on the server, and leaves nothing of the user in the page. */
export async function logOut() {
  const response = await send("DELETE");
  if (!response.ok) throw new Error("The log-out failed. Try again.");
  location.assign("./");
}

/** @param {Session} known @param {boolean} [isLogIn] */
function take(known, isLogIn = false) {
  const { principal, logIns, required } = session.get();
  const another = principal && known.principal && principal.user_id !== known.principal.user_id;
  if (another && !isOpen()) return location.reload();
  if (known.principal) client.records.setNamespace(namespaceOf(known.principal));
  const back = (isLogIn || required) && !known.login_required;
  if (back) forgetRefused();
  session.set({
    required: known.login_required,
    methods: known.login_methods,
    principal: known.principal ?? principal,
    expires: known.expires_at,
    logIns: logIns + Number(back),
  });
}

/** What this browser stores of a user's jobs is that user's alone. */
const namespaceOf = (/** @type {NonNullable<Session["principal"]>} */ { id, user_id: user }) =>
  id === "local" ? "anyone" : user;

/** Jobs that were refused for want of a log-in are read again. */
function forgetRefused() {
  for (const handle of [...client.handles.values()]) {
    if (handle.state.connection === "refused") handle.detach();
  }
}

/** @param {string} method @param {object} [body] */
const send = (method, body) =>
  fetch(address("/session"), {
    method,
    body: body && JSON.stringify(body),
    headers: body && { "Content-Type": "application/json" },
    cache: "no-store",
  });

/** @type {Promise<void>|null} */
let checking = null;
const check = () => void (checking ??= checkSession().finally(() => (checking = null)));
unauthorizedListeners.add(check);
if (typeof addEventListener === "function") {
  addEventListener("focus", () => session.get().required && check()); // logged in in another tab
}
