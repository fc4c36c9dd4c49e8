/** Gives the hooks below it a client; without it they share one of the usual settings. */
/** @param {{client: JobsClient, children?: React.ReactNode}} props */
export function JobsProvider({ client, children }: {
    client: JobsClient;
    children?: React.ReactNode;
}): React.FunctionComponentElement<React.ProviderProps<import("./loresmith.js").JobsClient | null>>;
/** @returns {JobsClient} */
export function useJobsClient(): JobsClient;
/**
 * Asks for a job and follows it. `onSuccess(result, job)` and `onError(message, job)` are called
 * once for a job.
 * @param {(result: any, job: Job) => void} [onSuccess]
 * @param {(message: string, job: Job|null) => void} [onError]
 * @param {SubmitOptions} [options]
 */
export function useJobPolling(onSuccess?: (result: any, job: Job) => void, onError?: (message: string, job: Job | null) => void, options?: SubmitOptions): {
    submit: (wanted: NewJob) => Promise<import("./client/types.js").Job<any> | null>;
    resume: (id: string) => void;
    job: import("./client/types.js").Job<any> | null;
    isPolling: boolean;
    isCompleted: boolean;
    isFailed: boolean;
    isCancelled: boolean;
    isPaused: boolean;
    isResumed: boolean;
    isSubmitting: boolean;
    progress: number;
    partial: import("./client/types.js").Partial;
    cost: any;
    error: string | null;
    cancel: () => Promise<void> | undefined;
    retry: () => Promise<void> | undefined;
    reset: () => void;
};
/** Asks for a job without following it. @param {SubmitOptions} [options] */
export function useSubmitJob(options?: SubmitOptions): {
    submit: (wanted: NewJob) => Promise<import("./client/types.js").Job<any> | null>;
    job: import("./client/types.js").Job<any> | null;
    isSubmitting: boolean;
    error: string | null;
    estimate: (wanted: NewJob) => Promise<any>;
};
/**
 * Follows a job whose id is known.
 * @param {string|null|undefined} jobId
 * @param {{interval?: number, onComplete?: (job: Job) => void, onError?: (message: string, job: Job|null) => void}} [options]
 * `interval`: ms between looks where there is no stream; the server says by default.
 */
export function useJobStatus(jobId: string | null | undefined, { interval, onComplete, onError }?: {
    interval?: number;
    onComplete?: (job: Job) => void;
    onError?: (message: string, job: Job | null) => void;
}): {
    cancel: () => Promise<void> | undefined;
    retry: () => Promise<void> | undefined;
    job: import("./client/types.js").Job<any> | null;
    isLoading: boolean;
    isComplete: boolean;
    progress: number;
    partial: import("./client/types.js").Partial;
    error: string | null;
    isPaused: boolean;
};
/**
 * Asks for a job by type and payload, and follows it.
 * @param {SubmitOptions & {onComplete?: (job: Job) => void, onError?: (message: string, job: Job|null) => void}} [options]
 */
export function useCreateJob({ onComplete, onError, ...options }?: SubmitOptions & {
    onComplete?: (job: Job) => void;
    onError?: (message: string, job: Job | null) => void;
}): {
    createJob: (type: string, payload: any) => Promise<import("./client/types.js").Job<any> | null>;
    job: import("./client/types.js").Job<any> | null;
    progress: number;
    isLoading: boolean;
    isComplete: boolean;
    error: string | null;
    cancel: () => Promise<void> | undefined;
    retry: () => Promise<void> | undefined;
};
/**
 * Finds the jobs of before a reload. `jobs` still run; `completedWhileAway` ended meanwhile, until
 * dismissed; for `unsure` nobody knows whether they were accepted.
 * @param {{sessionId?: string}} [which]
 */
export function useJobRecovery({ sessionId }?: {
    sessionId?: string;
}): {
    jobs: import("./loresmith.js").Job[];
    completedWhileAway: import("./loresmith.js").Job[];
    unsure: import("./loresmith.js").JobHandle<any>[];
    resume: (id: string) => import("./loresmith.js").JobHandle<any>;
    dismiss: (id: string) => void;
};
/**
 * A list of jobs that stays true: it is read again when something happened to one of them.
 * @param {Record<string, any>} [query] as GET /jobs takes it
 */
export function useJobs(query?: Record<string, any>): {
    refresh: () => Promise<void>;
    jobs: Job[];
    counts: null;
    isLoading: boolean;
    error: string | null;
};
/** Whether the server is heard. @returns {import("./client/types.js").NetworkState} */
export function useNetworkStatus(): import("./client/types.js").NetworkState;
/**
 * Asks a person before money is spent: give `confirm` as `onConfirmCost`, and the whole to
 * CostGuardDialog.
 */
export function useCostGuard(): {
    confirm: (estimate: any, alternatives: any[]) => Promise<boolean>;
    pending: {
        estimate: any;
        alternatives: any[];
        answer: (yes: boolean) => void;
    } | null;
    accept: () => void;
    decline: () => void;
};
export type Ends = {
    onSuccess?: (result: any, job: Job) => void;
    onComplete?: (job: Job) => void;
    onError?: (message: string, job: Job | null) => void;
};
export type End = {
    listen: (handle: JobHandle) => () => void;
};
export type JobHandle = import("./loresmith.js").JobHandle;
export type JobsClient = import("./loresmith.js").JobsClient;
export type Job = import("./loresmith.js").Job;
export type NewJob = import("./loresmith.js").NewJob;
export type Snapshot = import("./loresmith.js").Snapshot;
export type SubmitOptions = import("./loresmith.js").SubmitOptions;
import * as React from "react";
