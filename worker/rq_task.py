"""Runs when RQ's own worker takes a message of Loresmith: says which worker to start.

LoreWorker never calls these functions. The wrong worker is stopped, and the message goes back.
"""

import sys
from types import TracebackType

from redis import Redis
from rq import Retry, get_current_job
from rq.command import send_shutdown_command
from rq.job import Job

from loresmith.jobs.core.logs import get_logger, own_text

log = get_logger(__name__)


def run_job(job_id: str, attempt: int) -> Retry:
    """Returns the message to the head of its queue, and stops the worker that took it."""
    if job := get_current_job():
        _stop_worker(job)
    return Retry(max=sys.maxsize, enqueue_at_front=True)


def on_failure(
    job: Job,
    connection: Redis,
    kind: type[BaseException],
    error: BaseException,
    traceback: TracebackType,
) -> None:
    """Stops a worker with another serializer; the reconciler enqueues the job again."""
    _stop_worker(job)


def _stop_worker(job: Job) -> None:
    log.error(
        "this worker cannot run Loresmith's jobs and stops; no job is lost",
        reason=own_text(
            f"start the right one: `rq worker -w worker.LoreWorker {job.origin}` or "
            "`python -m loresmith.worker`"
        ),
    )
    if job.worker_name:
        send_shutdown_command(job.connection, job.worker_name)
