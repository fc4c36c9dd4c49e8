// How a component follows a job handle.
import * as React from "react";
import { isTerminal, LoresmithError } from "../client/index.js";
import { useJobsClient } from "./client-context.js";

/** @template [R=unknown] @typedef {import("../client/index.js").JobHandle<R>} JobHandle */
/** @template [R=unknown] @typedef {import("../client/index.js").Job<R>} Job */
/** @template [R=unknown] @typedef {import("../client/index.js").Snapshot<R>} Snapshot */
/** @typedef {import("../client/index.js").NewJob} NewJob */
/** @typedef {import("../client/index.js").SubmitOptions} SubmitOptions */

/** @template R @param {Ends<R>} ends @param {SubmitOptions} [options] */
export function useSubmittedJob(ends, options) {
  const client = useJobsClient();
  const [handle, setHandle] = React.useState(/** @type {JobHandle<R>|null} */ (null));
  const [slot] = React.useState(() => client.env.uuid());
  const end = useEnd(ends);
  const state = useHandle(handle, end, options?.follow);
  const chosen = useLatest(options);
  const submit = React.useCallback(
    async (/** @type {NewJob} */ newJob) => {
      const options = { slot, ...chosen.current };
      const next = /** @type {JobHandle<R>} */ (client.start(newJob, options));
      end.listen(next);
      setHandle(next);
      return next.sent.then(
        () => next.snapshot().job,
        () => null,
      );
    },
    [client, slot, chosen, end],
  );
  const resume = React.useCallback(
    (/** @type {string} */ id) => setHandle(/** @type {JobHandle<R>} */ (client.handle({ id }))),
    [client],
  );
  const reset = React.useCallback(() => setHandle(null), []);
  const isSubmitting = !!handle && !state.job && !state.error;
  return { state, job: state.job, isSubmitting, submit, resume, reset, ...useActions(handle) };
}

/**
 * The actions on a job. One that the server refuses is in `refusal`, until the next.
 * @param {JobHandle|null} handle
 */
export function useActions(handle) {
  const [refusal, setRefusal] = React.useState(/** @type {string|null} */ (null));
  React.useEffect(() => setRefusal(null), [handle]);
  const act = React.useCallback(async (/** @type {Promise<void>|undefined} */ action) => {
    setRefusal(null);
    try {
      await action;
    } catch (error) {
      if (!(error instanceof LoresmithError)) throw error;
      setRefusal(error.message);
    }
  }, []);
  const cancel = React.useCallback(() => act(handle?.cancel()), [act, handle]);
  const retry = React.useCallback(
    (/** @type {{accept_duplicate_charge?: boolean}} */ options = {}) =>
      act(handle?.retry(options.accept_duplicate_charge ? { accept_duplicate_charge: true } : {})),
    [act, handle],
  );
  return { cancel, retry, refusal };
}

/** @type {Snapshot<any>} */
const NOTHING = {
  id: null,
  key: null,
  job: null,
  connection: "watching",
  since: null,
  pausedMs: 0,
  recovered: false,
  partial: { text: "", items: [] },
  error: null,
};
const nothing = () => NOTHING;
const never = () => () => {};

/**
 * The state of a job, followed while the component is mounted.
 * @template R
 * @param {JobHandle<R>|null} handle
 * @param {End} end
 * @param {boolean} [follow]
 * @returns {Snapshot<R>}
 */
export function useHandle(handle, end, follow = true) {
  React.useEffect(() => {
    if (!handle) return undefined;
    const leave = end.listen(handle);
    if (follow) handle.follow();
    return () => {
      leave();
      queueMicrotask(() => handle.rest());
    };
  }, [handle, end, follow]);
  return React.useSyncExternalStore(
    handle?.subscribe ?? never,
    handle?.snapshot ?? nothing,
    nothing,
  );
}

/**
 * @template [R=unknown]
 * @typedef {{onSuccess?: (result: R, job: Job<R>) => void, onComplete?: (job: Job<R>) => void,
 *   onError?: (message: string, job: Job<R>|null) => void}} Ends
 */
/** @typedef {{listen: (handle: JobHandle) => () => void}} End */

/** One listener per component, so that each end is announced to it once. */
/** @template R @param {Ends<R>} ends @returns {End} */
export function useEnd(ends) {
  const latest = useLatest(ends);
  return React.useMemo(() => {
    const onEnd = (/** @type {Snapshot<any>} */ state) => {
      const { onSuccess, onComplete, onError } = latest.current;
      const { job } = state;
      if (job?.status === "completed") {
        onSuccess?.(job.result, job);
        onComplete?.(job);
      } else if (job?.status !== "cancelled" || state.error) onError?.(message(state) ?? "", job);
    };
    return { listen: (handle) => handle.onFinish(onEnd) };
  }, [latest]);
}

/** @template T @param {T} value */
function useLatest(value) {
  const ref = React.useRef(value);
  React.useInsertionEffect(() => void (ref.current = value));
  return ref;
}

/** The current states of some handles. @param {JobHandle[]} handles @returns {Snapshot[]} */
export function useStates(handles) {
  const [, again] = React.useReducer((count) => count + 1, 0);
  React.useEffect(() => {
    const leaves = handles.map((handle) => handle.subscribe(again));
    again();
    return () => leaves.forEach((leave) => leave());
  }, [handles]);
  return handles.map((handle) => handle.snapshot());
}

/** @param {Job|null} job */
export const active = (job) => !!job && !isTerminal(job);

/** The error message; null without an error. */
/** @param {Snapshot} state */
export function message({ error, job }) {
  if (error) return error.message;
  return job?.status === "failed" ? job.error || job.message : null;
}
