"""What RQ's own worker runs when it takes a message of ours: it says which worker to start.

LoreWorker never calls these functions. The wrong worker is stopped, and the message goes back.
"""

import logging
import sys
from types import TracebackType

from redis import Redis
from rq import Retry, get_current_job
from rq.command import send_shutdown_command
from rq.job import Job

log = logging.getLogger(__name__)


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
        "This worker cannot run Loresmith's jobs and stops. No job is lost. Start the right one: "
        "`rq worker -w worker.LoreWorker %s` or `python -m loresmith.worker`",
        job.origin,
    )
    if job.worker_name:
        send_shutdown_command(job.connection, job.worker_name)
