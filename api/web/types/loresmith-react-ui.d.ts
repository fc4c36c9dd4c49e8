/**
 * A spinner with a bar, what is being done, and what went wrong.
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
 * A card: how the job stands, and what can be done about it.
 * @param {{job: Job|null|undefined, onCancel?: () => void, onRetry?: () => void, showDetails?: boolean}} props
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
/** The same in one line. @param {{job: Job|null|undefined}} props */
export function CompactProgressTracker({ job }: {
    job: Job | null | undefined;
}): React.DetailedReactHTMLElement<{
    className: string;
}, HTMLElement> | null;
/** Says that the connection is lost, and that nothing else is. Nothing while all is well. */
export function NetworkStatus(): React.DetailedReactHTMLElement<{
    role: "status";
    className: string;
}, HTMLElement>;
/**
 * Asks before money is spent. Escape and a click on "No" decline.
 * @param {{guard: ReturnType<typeof import("./loresmith-react.js").useCostGuard>}} props
 */
export function CostGuardDialog({ guard }: {
    guard: ReturnType<typeof import("./loresmith-react.js").useCostGuard>;
}): React.DetailedReactHTMLElement<{
    ref: React.RefObject<any>;
    className: string;
    "aria-labelledby": string;
    onCancel: (event: any) => void;
}, any> | null;
/**
 * Tells of jobs that ended while the page was closed.
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
export type Job = import("./loresmith.js").Job;
import * as React from "react";
