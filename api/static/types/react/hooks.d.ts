/** @template [R=unknown] @typedef {import("../client/index.js").JobHandle<R>} JobHandle */
/** @template [R=unknown] @typedef {import("../client/index.js").Job<R>} Job */
/** @typedef {import("../client/index.js").Alternative} Alternative */
/** @typedef {import("../client/index.js").Estimate} Estimate */
/** @typedef {import("../client/index.js").JobsClient} JobsClient */
/** @typedef {import("../client/index.js").NewJob} NewJob */
/** @typedef {import("../client/index.js").SubmitOptions} SubmitOptions */
/**
 * Submits a job and follows it. Calls `onSuccess(result, job)` or `onError(message, job)` once.
 * @template [R=unknown]
 * @param {(result: R, job: Job<R>) => void} [onSuccess]
 * @param {(message: string, job: Job<R>|null) => void} [onError]
 * @param {SubmitOptions} [options]
 */
export function useJobPolling<R = unknown>(onSuccess?: (result: R, job: Job<R>) => void, onError?: (message: string, job: Job<R> | null) => void, options?: SubmitOptions): {
    submit: (newJob: import("./job-handle.js").NewJob) => Promise<import("../client/types.js").Job<R> | null>;
    resume: (id: string) => void;
    job: import("../client/types.js").Job<R> | null;
    isPolling: boolean;
    isCompleted: boolean;
    isFailed: boolean;
    isCancelled: boolean;
    isPaused: boolean;
    isResumed: boolean;
    isSubmitting: boolean;
    progress: number;
    partial: import("../client/types.js").Partial;
    cost: {
        actual: number | null;
        currency: string;
        estimate: number | null;
        estimate_max: number | null;
        likely: number | null;
        reserved: number;
        state: "estimated" | "reserved" | "running" | "final" | "upper_bound" | "likely";
        upper_bound: number | null;
    } | null;
    error: string | null;
    cancel: () => Promise<void>;
    retry: (options?: {
        accept_duplicate_charge?: boolean;
    }) => Promise<void>;
    reset: () => void;
};
/** Submits a job without following it. @param {SubmitOptions} [options] */
export function useSubmitJob(options?: SubmitOptions): {
    submit: (newJob: import("./job-handle.js").NewJob) => Promise<import("../client/types.js").Job<any> | null>;
    job: import("../client/types.js").Job<any> | null;
    isSubmitting: boolean;
    error: string | null;
    estimate: (newJob: NewJob) => Promise<{
        allowed: boolean;
        alternatives: import("../client/api.js").components["schemas"]["Alternative"][];
        budget: import("../client/api.js").components["schemas"]["AvailableBudget"];
        cached: boolean;
        estimate: import("../client/api.js").components["schemas"]["JobEstimate"];
        requires_confirmation: boolean;
        violations: import("../client/api.js").components["schemas"]["CostViolation"][];
    }>;
};
/**
 * Follows a job whose id is known.
 * @template [R=unknown]
 * @param {string|null|undefined} jobId
 * @param {{interval?: number, onComplete?: (job: Job<R>) => void,
 *   onError?: (message: string, job: Job<R>|null) => void}} [options]
 * `interval`: ms between reads where there is no stream; by default, the server names it.
 */
export function useJobStatus<R = unknown>(jobId: string | null | undefined, { interval, onComplete, onError }?: {
    interval?: number;
    onComplete?: (job: Job<R>) => void;
    onError?: (message: string, job: Job<R> | null) => void;
}): {
    cancel: () => Promise<void>;
    retry: (options?: {
        accept_duplicate_charge?: boolean;
    }) => Promise<void>;
    job: import("../client/types.js").Job<R> | null;
    isLoading: boolean;
    isComplete: boolean;
    progress: number;
    partial: import("../client/types.js").Partial;
    error: string | null;
    isPaused: boolean;
};
/**
 * Submits a job by type and payload, and follows it.
 * @template [R=unknown]
 * @param {SubmitOptions & {onComplete?: (job: Job<R>) => void,
 *   onError?: (message: string, job: Job<R>|null) => void}} [options]
 */
export function useCreateJob<R = unknown>({ onComplete, onError, ...options }?: SubmitOptions & {
    onComplete?: (job: Job<R>) => void;
    onError?: (message: string, job: Job<R> | null) => void;
}): {
    createJob: (type: string, payload: object) => Promise<import("../client/types.js").Job<R> | null>;
    job: import("../client/types.js").Job<R> | null;
    progress: number;
    isLoading: boolean;
    isComplete: boolean;
    error: string | null;
    cancel: () => Promise<void>;
    retry: (options?: {
        accept_duplicate_charge?: boolean;
    }) => Promise<void>;
};
/**
 * Finds the jobs of earlier page loads. `jobs` still run; `completedWhileAway` have ended, before
 * this page load or since, and stay until dismissed; for `unsure` it is unknown whether they were
 * accepted.
 * @param {{sessionId?: string}} [which]
 */
export function useJobRecovery({ sessionId }?: {
    sessionId?: string;
}): {
    jobs: import("../client/index.js").Job<unknown>[];
    completedWhileAway: import("../client/index.js").Job<unknown>[];
    unsure: import("../client/handle.js").JobHandle<unknown>[];
    resume: (id: string) => import("../client/handle.js").JobHandle<any>;
    dismiss: (id: string) => void;
};
/**
 * A list of jobs that is read again after events.
 * @param {Record<string, unknown>} [query] as GET /jobs takes it
 */
export function useJobs(query?: Record<string, unknown>): {
    refresh: () => Promise<void>;
    jobs: Job[];
    counts: Record<string, number> | null;
    isLoading: boolean;
    error: string | null;
};
/** Whether the server answers. @returns {import("../client/types.js").NetworkState} */
export function useNetworkStatus(): import("../client/types.js").NetworkState;
/**
 * @typedef {{estimate: Estimate, alternatives: Alternative[],
 *   answer: (choice: boolean|Alternative) => void}} CostQuestion
 */
/**
 * Asks for confirmation of a cost: pass `confirm` as `onConfirmCost`, and the whole to
 * CostGuardDialog. Several questions are asked one after the other; leaving the page declines.
 */
export function useCostGuard(): {
    confirm: (estimate: Estimate, alternatives: Alternative[]) => Promise<boolean | {
        change: import("../client/api.js").components["schemas"]["RequestChange"];
        cost: import("../client/api.js").components["schemas"]["CostEstimate"];
    }>;
    pending: CostQuestion | null;
    accept: () => void;
    decline: () => void;
    choose: (alternative: Alternative) => void;
};
export type JobHandle<R = unknown> = import("../client/index.js").JobHandle<R>;
export type Job<R = unknown> = import("../client/index.js").Job<R>;
export type Alternative = import("../client/index.js").Alternative;
export type Estimate = import("../client/index.js").Estimate;
export type JobsClient = import("../client/index.js").JobsClient;
export type NewJob = import("../client/index.js").NewJob;
export type SubmitOptions = import("../client/index.js").SubmitOptions;
export type CostQuestion = {
    estimate: Estimate;
    alternatives: Alternative[];
    answer: (choice: boolean | Alternative) => void;
};
export { JobsProvider, useJobsClient } from "./client-context.js";
