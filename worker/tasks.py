"""The one function that RQ sees."""

from typing import NoReturn


def run_job(job_id: str, attempt: int) -> NoReturn:
    """Names a job to our worker class, which never calls this; a worker of RQ's own does."""
    raise RuntimeError(
        f"attempt {attempt} of job {job_id} was taken by a worker that cannot run it; "
        "start workers with `rq worker -w worker.LoreWorker` or `python -m worker`"
    )
