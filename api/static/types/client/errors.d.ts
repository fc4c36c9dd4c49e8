export class LoresmithError extends Error {
    /** @param {string} message */
    constructor(message: string);
}
export class NoAnswer extends LoresmithError {
}
export class Refused extends LoresmithError {
    /**
     * @param {number} status HTTP status.
     * @param {Record<string, any>} problem The body; {} when it was not JSON.
     * @param {number} [retryAfterMs] How long the server asks to wait.
     */
    constructor(status: number, problem?: Record<string, any>, retryAfterMs?: number);
    status: number;
    problem: Record<string, any>;
    /** @type {string} */
    code: string;
    retryAfterMs: number | undefined;
    /** Whether the server did not accept the request, and will not accept it unchanged. */
    get definite(): boolean;
    /** Whether the server may have accepted the request nevertheless. */
    get uncertain(): boolean;
}
export class Unsure extends LoresmithError {
}
export class JobExpired extends LoresmithError {
}
export class JobEnded extends LoresmithError {
    /** @param {import("./types.js").Job} job The job as it ended. */
    constructor(job: import("./types.js").Job);
    job: import("./types.js").Job<unknown>;
}
export class JobFailed extends JobEnded {
}
export class JobCancelled extends JobEnded {
}
