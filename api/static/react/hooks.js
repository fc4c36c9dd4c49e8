// React hooks for the browser client. Leaving a page cancels nothing. docs/browser.md
import * as React from "react";
import { isTerminal } from "../client/index.js";
import { useJobsClient } from "./client-context.js";
import {
  active,
  message,
  useActions,
  useEnd,
  useHandle,
  useStates,
  useSubmittedJob,
} from "./job-handle.js";

export { JobsProvider, useJobsClient } from "./client-context.js";

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
export function useJobPolling(onSuccess, onError, options) {
  const one = useSubmittedJob({ onSuccess, onError }, options);
  const { state, job } = one;
  return {
    submit: one.submit,
    resume: one.resume,
    job,
    isPolling: active(job),
    isCompleted: job?.status === "completed",
    isFailed: job?.status === "failed",
    isCancelled: job?.status === "cancelled",
    isPaused: state.connection === "paused",
    isResumed: state.recovered,
    isSubmitting: one.isSubmitting,
    progress: job?.progress ?? 0,
    partial: state.partial,
    cost: job?.cost ?? null,
    error: one.refusal ?? message(state),
    cancel: one.cancel,
    retry: one.retry,
    reset: one.reset,
  };
}

/** Submits a job without following it. @param {SubmitOptions} [options] */
export function useSubmitJob(options) {
  const client = useJobsClient();
  const { submit, job, isSubmitting, state } = useSubmittedJob({}, { ...options, follow: false });
  const estimate = React.useCallback(
    (/** @type {NewJob} */ newJob) => client.estimate(newJob),
    [client],
  );
  return { submit, job, isSubmitting, error: message(state), estimate };
}

/**
 * Follows a job whose id is known.
 * @template [R=unknown]
 * @param {string|null|undefined} jobId
 * @param {{interval?: number, onComplete?: (job: Job<R>) => void,
 *   onError?: (message: string, job: Job<R>|null) => void}} [options]
 * `interval`: ms between reads where there is no stream; by default, the server names it.
 */
export function useJobStatus(jobId, { interval, onComplete, onError } = {}) {
  const client = useJobsClient();
  const handle = React.useMemo(
    () => (jobId ? /** @type {JobHandle<R>} */ (client.handle({ id: jobId })) : null),
    [client, jobId],
  );
  const state = useHandle(handle, useEnd({ onComplete, onError }));
  React.useEffect(() => {
    if (handle) handle.interval = interval;
  }, [handle, interval]);
  const { refusal, ...actions } = useActions(handle);
  const { job } = state;
  return {
    job,
    isLoading: !!handle && !job && !state.error,
    isComplete: job?.status === "completed",
    progress: job?.progress ?? 0,
    partial: state.partial,
    error: refusal ?? message(state),
    isPaused: state.connection === "paused",
    ...actions,
  };
}

/**
 * Submits a job by type and payload, and follows it.
 * @template [R=unknown]
 * @param {SubmitOptions & {onComplete?: (job: Job<R>) => void,
 *   onError?: (message: string, job: Job<R>|null) => void}} [options]
 */
export function useCreateJob({ onComplete, onError, ...options } = {}) {
  const one = useSubmittedJob({ onComplete, onError }, options);
  const { submit, job, state } = one;
  const createJob = React.useCallback(
    (/** @type {string} */ type, /** @type {object} */ payload) => submit({ type, payload }),
    [submit],
  );
  return {
    createJob,
    job,
    progress: job?.progress ?? 0,
    isLoading: one.isSubmitting || active(job),
    isComplete: job?.status === "completed",
    error: one.refusal ?? message(state),
    cancel: one.cancel,
    retry: one.retry,
  };
}

/**
 * Finds the jobs of earlier page loads. `jobs` still run; `completedWhileAway` have ended, before
 * this page load or since, and stay until dismissed; for `unsure` it is unknown whether they were
 * accepted.
 * @param {{sessionId?: string}} [which]
 */
export function useJobRecovery({ sessionId } = {}) {
  const client = useJobsClient();
  const [handles, setHandles] = React.useState(/** @type {JobHandle[]} */ ([]));
  const [unsure, setUnsure] = React.useState(/** @type {JobHandle[]} */ ([]));
  React.useEffect(() => {
    let here = true;
    client.recover({ sessionId }).then(
      (all) => {
        if (!here) return;
        setHandles([...all.resumed, ...all.completedWhileAway]);
        setUnsure(all.unsure);
      },
      (error) => client.env.warn(String(error)),
    );
    return () => void (here = false);
  }, [client, sessionId]);
  const states = useStates(handles);
  const dismiss = React.useCallback(
    (/** @type {string} */ id) => {
      const handle = client.handles.get(id);
      if (handle) client.markSeen(handle);
      const others = (/** @type {JobHandle[]} */ all) => all.filter((one) => one !== handle);
      setHandles(others);
      setUnsure(others);
    },
    [client],
  );
  const resume = React.useCallback((/** @type {string} */ id) => client.watch(id), [client]);
  return {
    jobs: jobsOf(states.filter(({ job, error }) => !isTerminal(job) && !error)),
    completedWhileAway: jobsOf(states.filter(({ job }) => isTerminal(job))),
    unsure,
    resume,
    dismiss,
  };
}

/** @param {import("../client/index.js").Snapshot[]} states @returns {Job[]} */
const jobsOf = (states) => states.map(({ job }) => job).filter((job) => job !== null);

/**
 * A list of jobs that is read again after events.
 * @param {Record<string, unknown>} [query] as GET /jobs takes it
 */
export function useJobs(query = {}) {
  const client = useJobsClient();
  const queryText = JSON.stringify(query);
  const [state, setState] = React.useState({
    jobs: /** @type {Job[]} */ ([]),
    counts: /** @type {Record<string, number>|null} */ (null),
    isLoading: true,
    error: /** @type {string|null} */ (null),
  });
  const refresh = React.useCallback(async () => {
    try {
      const { jobs, counts = null } = await client.list(JSON.parse(queryText));
      setState({ jobs, counts, isLoading: false, error: null });
    } catch (error) {
      setState((old) => ({
        ...old,
        isLoading: false,
        error: /** @type {Error} */ (error).message,
      }));
    }
  }, [client, queryText]);
  React.useEffect(() => {
    void refresh();
    return client.feed.subscribe(throttled(client, refresh));
  }, [client, refresh]);
  return { ...state, refresh };
}

/** Whether the server answers. @returns {import("../client/types.js").NetworkState} */
export function useNetworkStatus() {
  const { network } = useJobsClient();
  return React.useSyncExternalStore(network.subscribe, network.snapshot, network.snapshot);
}

/**
 * @typedef {{estimate: Estimate, alternatives: Alternative[],
 *   answer: (choice: boolean|Alternative) => void}} CostQuestion
 */

/**
 * Asks for confirmation of a cost: pass `confirm` as `onConfirmCost`, and the whole to
 * CostGuardDialog. Several questions are asked one after the other; leaving the page declines.
 */
export function useCostGuard() {
  const [questions, setQuestions] = React.useState(/** @type {CostQuestion[]} */ ([]));
  const confirm = React.useCallback(
    (/** @type {Estimate} */ estimate, /** @type {Alternative[]} */ alternatives) =>
      new Promise((/** @type {(choice: boolean|Alternative) => void} */ answer) =>
        setQuestions((others) => [...others, { estimate, alternatives, answer }]),
      ),
    [],
  );
  const open = React.useRef(questions);
  React.useInsertionEffect(() => void (open.current = questions));
  React.useEffect(() => () => open.current.forEach(({ answer }) => answer(false)), []);
  const [pending = null] = questions;
  const choose = (/** @type {boolean|Alternative} */ choice) => {
    pending?.answer(choice);
    setQuestions((all) => all.filter((one) => one !== pending));
  };
  return {
    confirm,
    pending,
    accept: () => choose(true),
    decline: () => choose(false),
    choose: (/** @type {Alternative} */ alternative) => choose(alternative),
  };
}

const REFRESH_INTERVAL_MS = 1000;
const IGNORED_TYPES = ["delta", "item"];

/** Calls `refresh` at most once in a second. */
/** @param {JobsClient} client @param {() => Promise<void>} refresh */
function throttled({ env }, refresh) {
  let waiting = false;
  return (/** @type {any} */ update) => {
    if (waiting || IGNORED_TYPES.includes(update?.type)) return;
    waiting = true;
    env.setTimeout(() => {
      waiting = false;
      void refresh();
    }, REFRESH_INTERVAL_MS);
  };
}
