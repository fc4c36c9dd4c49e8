// React hooks over the browser client. Leaving a page cancels nothing. docs/browser.md
import * as React from "react";
import { createJobsClient, isTerminal } from "./loresmith.js";

/** @typedef {import("./loresmith.js").JobHandle} JobHandle */
/** @typedef {import("./loresmith.js").JobsClient} JobsClient */
/** @typedef {import("./loresmith.js").Job} Job */
/** @typedef {import("./loresmith.js").NewJob} NewJob */
/** @typedef {import("./loresmith.js").Snapshot} Snapshot */
/** @typedef {import("./loresmith.js").SubmitOptions} SubmitOptions */

const Client = React.createContext(/** @type {JobsClient|null} */ (null));
/** @type {JobsClient|null} */
let usual = null;

/** Gives the hooks below it a client; without it they share one of the usual settings. */
/** @param {{client: JobsClient, children?: React.ReactNode}} props */
export function JobsProvider({ client, children }) {
  return React.createElement(Client.Provider, { value: client }, children);
}

/** @returns {JobsClient} */
export function useJobsClient() {
  const given = React.useContext(Client);
  return given ?? (usual ??= createJobsClient());
}

/**
 * Asks for a job and follows it. `onSuccess(result, job)` and `onError(message, job)` are called
 * once for a job.
 * @param {(result: any, job: Job) => void} [onSuccess]
 * @param {(message: string, job: Job|null) => void} [onError]
 * @param {SubmitOptions} [options]
 */
export function useJobPolling(onSuccess, onError, options) {
  const one = useOneJob({ onSuccess, onError }, options);
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
    error: message(state),
    cancel: one.cancel,
    retry: one.retry,
    reset: one.reset,
  };
}

/** Asks for a job without following it. @param {SubmitOptions} [options] */
export function useSubmitJob(options) {
  const client = useJobsClient();
  const { submit, job, isSubmitting, state } = useOneJob({}, { ...options, follow: false });
  const estimate = React.useCallback((/** @type {NewJob} */ wanted) => client.estimate(wanted), [client]);
  return { submit, job, isSubmitting, error: message(state), estimate };
}

/**
 * Follows a job whose id is known.
 * @param {string|null|undefined} jobId
 * @param {{interval?: number, onComplete?: (job: Job) => void, onError?: (message: string, job: Job|null) => void}} [options]
 * `interval`: ms between looks where there is no stream; the server says by default.
 */
export function useJobStatus(jobId, { interval, onComplete, onError } = {}) {
  const client = useJobsClient();
  const handle = React.useMemo(() => (jobId ? client.handle({ id: jobId }) : null), [client, jobId]);
  const state = useHandle(handle, useEnd({ onComplete, onError }));
  React.useEffect(() => {
    if (handle) handle.interval = interval;
  }, [handle, interval]);
  const { job } = state;
  return {
    job,
    isLoading: !!handle && !job && !state.error,
    isComplete: job?.status === "completed",
    progress: job?.progress ?? 0,
    partial: state.partial,
    error: message(state),
    isPaused: state.connection === "paused",
    ...useActions(handle),
  };
}

/**
 * Asks for a job by type and payload, and follows it.
 * @param {SubmitOptions & {onComplete?: (job: Job) => void, onError?: (message: string, job: Job|null) => void}} [options]
 */
export function useCreateJob({ onComplete, onError, ...options } = {}) {
  const one = useOneJob({ onComplete, onError }, options);
  const { submit, job, state } = one;
  const createJob = React.useCallback(
    (/** @type {string} */ type, /** @type {any} */ payload) => submit({ type, payload }), [submit]);
  return {
    createJob,
    job,
    progress: job?.progress ?? 0,
    isLoading: one.isSubmitting || active(job),
    isComplete: job?.status === "completed",
    error: message(state),
    cancel: one.cancel,
    retry: one.retry,
  };
}

/**
 * Finds the jobs of before a reload. `jobs` still run; `completedWhileAway` ended meanwhile, until
 * dismissed; for `unsure` nobody knows whether they were accepted.
 * @param {{sessionId?: string}} [which]
 */
export function useJobRecovery({ sessionId } = {}) {
  const client = useJobsClient();
  const [found, setFound] = React.useState(/** @type {JobHandle[]} */ ([]));
  const [away, setAway] = React.useState(/** @type {JobHandle[]} */ ([]));
  const [unsure, setUnsure] = React.useState(/** @type {JobHandle[]} */ ([]));
  React.useEffect(() => {
    let here = true;
    client.recover({ sessionId }).then((all) => {
      if (!here) return;
      setFound(all.resumed);
      setAway(all.completedWhileAway);
      setUnsure(all.unsure);
    }, (error) => client.env.warn(String(error)));
    return () => void (here = false);
  }, [client, sessionId]);
  const jobs = useStates(found);
  const dismiss = React.useCallback((/** @type {string} */ id) => {
    const handle = client.handles.get(id);
    if (handle) client.saw(handle);
    const others = (/** @type {JobHandle[]} */ all) => all.filter((one) => one !== handle);
    setAway(others);
    setUnsure(others);
  }, [client]);
  const resume = React.useCallback((/** @type {string} */ id) => client.watch(id), [client]);
  return {
    jobs: jobs.filter((job) => !isTerminal(job)),
    completedWhileAway: useStates(away),
    unsure,
    resume,
    dismiss,
  };
}

/**
 * A list of jobs that stays true: it is read again when something happened to one of them.
 * @param {Record<string, any>} [query] as GET /jobs takes it
 */
export function useJobs(query = {}) {
  const client = useJobsClient();
  const asked = JSON.stringify(query);
  const [state, setState] = React.useState({ jobs: /** @type {Job[]} */ ([]), counts: null, isLoading: true,
    error: /** @type {string|null} */ (null) });
  const refresh = React.useCallback(async () => {
    try {
      const { jobs, counts = null } = await client.list(JSON.parse(asked));
      setState({ jobs, counts, isLoading: false, error: null });
    } catch (error) {
      setState((old) => ({ ...old, isLoading: false, error: /** @type {Error} */ (error).message }));
    }
  }, [client, asked]);
  React.useEffect(() => {
    void refresh();
    return client.feed.subscribe(calmly(client, refresh));
  }, [client, refresh]);
  return { ...state, refresh };
}

/** Whether the server is heard. @returns {import("./client/types.js").NetworkState} */
export function useNetworkStatus() {
  const { network } = useJobsClient();
  return React.useSyncExternalStore(network.subscribe, network.snapshot, network.snapshot);
}

/**
 * Asks a person before money is spent: give `confirm` as `onConfirmCost`, and the whole to
 * CostGuardDialog.
 */
export function useCostGuard() {
  const [pending, setPending] = React.useState(
    /** @type {{estimate: any, alternatives: any[], answer: (yes: boolean) => void}|null} */ (null));
  const confirm = React.useCallback((/** @type {any} */ estimate, /** @type {any[]} */ alternatives) =>
    new Promise((/** @type {(yes: boolean) => void} */ answer) => setPending({ estimate, alternatives, answer })), []);
  const settle = (/** @type {boolean} */ yes) => () => {
    pending?.answer(yes);
    setPending(null);
  };
  return { confirm, pending, accept: settle(true), decline: settle(false) };
}

// What the hooks have in common.

/** @param {Ends} ends @param {SubmitOptions} [options] */
function useOneJob(ends, options) {
  const client = useJobsClient();
  const [handle, setHandle] = React.useState(/** @type {JobHandle|null} */ (null));
  const [slot] = React.useState(() => client.env.uuid());
  const end = useEnd(ends);
  const state = useHandle(handle, end, options?.follow);
  const chosen = useLatest(options);
  const submit = React.useCallback(async (/** @type {NewJob} */ wanted) => {
    const next = client.start(wanted, { slot, ...chosen.current });
    end.listen(next);
    setHandle(next);
    return next.sent.then(() => next.snapshot().job, () => null);
  }, [client, slot, chosen, end]);
  const resume = React.useCallback((/** @type {string} */ id) => setHandle(client.handle({ id })), [client]);
  const reset = React.useCallback(() => setHandle(null), []);
  const isSubmitting = !!handle && !state.job && !state.error;
  return { state, job: state.job, isSubmitting, submit, resume, reset, ...useActions(handle) };
}

/** @param {JobHandle|null} handle */
function useActions(handle) {
  const cancel = React.useCallback(() => handle?.cancel(), [handle]);
  const retry = React.useCallback(() => handle?.retry(), [handle]);
  return { cancel, retry };
}

/** @type {Snapshot} */
const NOTHING = { id: null, key: null, job: null, connection: "watching", since: null, pausedMs: 0,
  recovered: false, partial: { text: "", items: [] }, error: null };
const nothing = () => NOTHING;
const never = () => () => {};

/** The state of a job, followed while the component is there. */
/** @param {JobHandle|null} handle @param {End} end @param {boolean} [follow] @returns {Snapshot} */
function useHandle(handle, end, follow = true) {
  React.useEffect(() => {
    if (!handle) return undefined;
    const leave = end.listen(handle);
    if (follow) handle.follow();
    return () => {
      leave();
      queueMicrotask(() => handle.rest());
    };
  }, [handle, end, follow]);
  return React.useSyncExternalStore(handle?.subscribe ?? never, handle?.snapshot ?? nothing, nothing);
}

/** @typedef {{onSuccess?: (result: any, job: Job) => void, onComplete?: (job: Job) => void, onError?: (message: string, job: Job|null) => void}} Ends */
/** @typedef {{listen: (handle: JobHandle) => () => void}} End */

/** One listener for a component: however often it is added, it hears an end once. */
/** @param {Ends} ends @returns {End} */
function useEnd(ends) {
  const latest = useLatest(ends);
  return React.useMemo(() => {
    const hear = (/** @type {Snapshot} */ state) => {
      const { onSuccess, onComplete, onError } = latest.current;
      const { job } = state;
      if (job?.status === "completed") {
        onSuccess?.(job.result, job);
        onComplete?.(job);
      } else if (job?.status !== "cancelled" || state.error) onError?.(message(state) ?? "", job);
    };
    return { listen: (handle) => handle.onFinish(hear) };
  }, [latest]);
}

/** @template T @param {T} value */
function useLatest(value) {
  const ref = React.useRef(value);
  React.useInsertionEffect(() => void (ref.current = value));
  return ref;
}

/** The jobs of some handles, as they move. @param {JobHandle[]} handles @returns {Job[]} */
function useStates(handles) {
  const [, again] = React.useReducer((count) => count + 1, 0);
  React.useEffect(() => {
    const leaves = handles.map((handle) => handle.subscribe(again));
    return () => leaves.forEach((leave) => leave());
  }, [handles]);
  return handles.map((handle) => handle.snapshot().job).filter((job) => job !== null);
}

const CALM_MS = 1000;
const QUIET = ["delta", "item"];

/** At most one reading in a second, however many updates come. */
/** @param {JobsClient} client @param {() => Promise<void>} refresh */
function calmly({ env }, refresh) {
  let waiting = false;
  return (/** @type {any} */ update) => {
    if (waiting || QUIET.includes(update?.type)) return;
    waiting = true;
    env.setTimeout(() => {
      waiting = false;
      void refresh();
    }, CALM_MS);
  };
}

/** @param {Job|null} job */
const active = (job) => !!job && !isTerminal(job);

/** What went wrong, as a text; null when nothing did. */
/** @param {Snapshot} state */
function message({ error, job }) {
  if (error) return error.message;
  return job?.status === "failed" ? job.error || job.message : null;
}
