/**
 * A spinner with a progress bar, the message of the job and its error.
 * @param {{job: Job|null|undefined, showProgress?: boolean, showMessage?: boolean}} props
 */
export function JobProgressSpinner({ job, showProgress, showMessage }: {
    job: Job | null | undefined;
    showProgress?: boolean;
    showMessage?: boolean;
}): React.DetailedReactHTMLElement<{
    className: string;
    "aria-busy": boolean;
}, HTMLElement> | null;
/**
 * A card with the state of the job and its actions.
 * @param {{job: Job|null|undefined, onCancel?: () => void, onRetry?: () => void,
 *   showDetails?: boolean}} props
 */
export function ProgressTracker({ job, onCancel, onRetry, showDetails }: {
    job: Job | null | undefined;
    onCancel?: () => void;
    onRetry?: () => void;
    showDetails?: boolean;
}): React.DetailedReactHTMLElement<{
    className: string;
    "aria-label": string;
    "aria-busy": boolean;
}, HTMLElement> | null;
/** The state of the job in one line. @param {{job: Job|null|undefined}} props */
export function CompactProgressTracker({ job }: {
    job: Job | null | undefined;
}): React.DetailedReactHTMLElement<{
    className: string;
}, HTMLElement> | null;
/** Shows that the connection is lost and that jobs continue. Empty while connected. */
export function NetworkStatus(): React.DetailedReactHTMLElement<{
    role: "status";
    className: string;
}, HTMLElement>;
/**
 * Asks for confirmation of a cost, and offers cheaper requests. Escape and "Cancel" decline.
 * @param {{guard: ReturnType<typeof import("./hooks.js").useCostGuard>}} props
 */
export function CostGuardDialog({ guard }: {
    guard: ReturnType<typeof import("./hooks.js").useCostGuard>;
}): React.DetailedReactHTMLElement<{
    ref: React.RefObject<any>;
    className: string;
    "aria-labelledby": string;
    onCancel: (event: any) => void;
}, any> | null;
/**
 * Announces jobs that ended while the page was closed.
 * @param {{jobs: Job[], onView?: (job: Job) => void, onDismiss: (id: string) => void}} props
 */
export function RecoveryToast({ jobs, onView, onDismiss }: {
    jobs: Job[];
    onView?: (job: Job) => void;
    onDismiss: (id: string) => void;
}): React.DetailedReactHTMLElement<{
    role: "status";
    className: string;
}, HTMLElement>;
export default JobProgressSpinner;
export type Job = import("../client/index.js").Job;
export type Alternative = import("../client/index.js").Alternative;
import * as React from "react";
