// The client that the hooks share.
import * as React from "react";
import { createJobsClient } from "../client/index.js";

/** @typedef {import("../client/index.js").JobsClient} JobsClient */

const Client = React.createContext(/** @type {JobsClient|null} */ (null));
/** @type {JobsClient|null} */
let shared = null;

/** Gives a client to the hooks below it. Without it they share one with default options. */
/** @param {{client: JobsClient, children?: React.ReactNode}} props */
export function JobsProvider({ client, children }) {
  return React.createElement(Client.Provider, { value: client }, children);
}

/** @returns {JobsClient} */
export function useJobsClient() {
  const provided = React.useContext(Client);
  return provided ?? (shared ??= createJobsClient());
}
