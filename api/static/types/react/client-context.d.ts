/** Gives a client to the hooks below it. Without it they share one with default options. */
/** @param {{client: JobsClient, children?: React.ReactNode}} props */
export function JobsProvider({ client, children }: {
    client: JobsClient;
    children?: React.ReactNode;
}): React.FunctionComponentElement<React.ProviderProps<import("../client/client.js").JobsClient | null>>;
/** @returns {JobsClient} */
export function useJobsClient(): JobsClient;
export type JobsClient = import("../client/index.js").JobsClient;
import * as React from "react";
