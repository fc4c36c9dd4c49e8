// The errors of the client. A network error is never the failure of a job:
//
//   LoresmithError
//     NoAnswer         no HTTP answer: connection lost, timeout, or an answer of another server
//     Refused          the server answered with a problem (RFC 9457)
//     Unsure           a job may exist, but neither its id nor its payload is known
//     JobEnded         the job ended without a result
//       JobFailed
//       JobCancelled   also for skipped batch cells
//     JobExpired       the server no longer knows the job

export class LoresmithError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = new.target.name;
  }
}

export class NoAnswer extends LoresmithError {}

export class Refused extends LoresmithError {
  /**
   * @param {number} status HTTP status.
   * @param {Record<string, any>} problem The body; {} when it was not JSON.
   * @param {number} [retryAfterMs] How long the server asks to wait.
   */
  constructor(status, problem = {}, retryAfterMs) {
    super(problem.detail || problem.title || `The server answered ${status}`);
    this.status = status;
    this.problem = problem;
    /** @type {string} */
    this.code = problem.code ?? "";
    this.retryAfterMs = retryAfterMs;
  }

  /** Whether the server did not accept the request, and will not accept it unchanged. */
  get definite() {
    const again = [408, 425, 429].includes(this.status) || this.code === "idempotency-conflict";
    return this.status < 500 && !again;
  }

  /** Whether the server may have accepted the request nevertheless. */
  get uncertain() {
    return this.status === 408 || (this.status >= 500 && this.status !== 503);
  }
}

export class Unsure extends LoresmithError {}

export class JobExpired extends LoresmithError {}

export class JobEnded extends LoresmithError {
  /** @param {import("./types.js").Job} job The job as it ended. */
  constructor(job) {
    super(job.error || job.message || `The job is ${job.status}`);
    this.job = job;
  }
}

export class JobFailed extends JobEnded {}

export class JobCancelled extends JobEnded {}
