/** @template [R=unknown] @typedef {import("../client/index.js").JobHandle<R>} JobHandle */
/** @template [R=unknown] @typedef {import("../client/index.js").Job<R>} Job */
/** @template [R=unknown] @typedef {import("../client/index.js").Snapshot<R>} Snapshot */
/** @typedef {import("../client/index.js").NewJob} NewJob */
/** @typedef {import("../client/index.js").SubmitOptions} SubmitOptions */
/** @template R @param {Ends<R>} ends @param {SubmitOptions} [options] */
export function useSubmittedJob<R>(ends: Ends<R>, options?: SubmitOptions): {
    cancel: () => Promise<void>;
    retry: (options?: {
        accept_duplicate_charge?: boolean;
    }) => Promise<void>;
    refusal: string | null;
    state: import("../client/index.js").Snapshot<R>;
    job: import("../client/types.js").Job<R> | null;
    isSubmitting: boolean;
    submit: (newJob: NewJob) => Promise<import("../client/types.js").Job<R> | null>;
    resume: (id: string) => void;
    reset: () => void;
};
/**
 * The actions on a job. One that the server refuses is in `refusal`, until the next.
 * @param {JobHandle|null} handle
 */
export function useActions(handle: JobHandle | null): {
    cancel: () => Promise<void>;
    retry: (options?: {
        accept_duplicate_charge?: boolean;
    }) => Promise<void>;
    refusal: string | null;
};
/**
 * The state of a job, followed while the component is mounted.
 * @template R
 * @param {JobHandle<R>|null} handle
 * @param {End} end
 * @param {boolean} [follow]
 * @returns {Snapshot<R>}
 */
export function useHandle<R>(handle: JobHandle<R> | null, end: End, follow?: boolean): Snapshot<R>;
/**
 * @template [R=unknown]
 * @typedef {{onSuccess?: (result: R, job: Job<R>) => void, onComplete?: (job: Job<R>) => void,
 *   onError?: (message: string, job: Job<R>|null) => void}} Ends
 */
/** @typedef {{listen: (handle: JobHandle) => () => void}} End */
/** One listener per component, so that each end is announced to it once. */
/** @template R @param {Ends<R>} ends @returns {End} */
export function useEnd<R>(ends: Ends<R>): End;
/** The current states of some handles. @param {JobHandle[]} handles @returns {Snapshot[]} */
export function useStates(handles: JobHandle[]): Snapshot[];
/** The error message; null without an error. */
/** @param {Snapshot} state */
export function message({ error, job }: Snapshot): string | null;
export function active(job: Job | null): boolean;
export type JobHandle<R = unknown> = import("../client/index.js").JobHandle<R>;
export type Job<R = unknown> = import("../client/index.js").Job<R>;
export type Snapshot<R = unknown> = import("../client/index.js").Snapshot<R>;
export type NewJob = import("../client/index.js").NewJob;
export type SubmitOptions = import("../client/index.js").SubmitOptions;
export type Ends<R = unknown> = {
    onSuccess?: (result: R, job: Job<R>) => void;
    onComplete?: (job: Job<R>) => void;
    onError?: (message: string, job: Job<R> | null) => void;
};
export type End = {
    listen: (handle: JobHandle) => () => void;
};
