"""celery: one process, the thread pool."""

import os

from bench.peers.common import URL, nap

PACKAGES = ["celery[redis]", "hiredis"]


def worker(jobs: int) -> list[str]:
    return [
        "celery", "-A", "bench.peers.celery_threads", "worker", "-P", "threads", "-c", str(jobs),
        "-l", "WARNING", "--without-gossip", "--without-mingle",
    ]  # fmt: skip


def enqueue(jobs: int, seconds: float) -> None:
    for _ in range(jobs):
        sleeper.delay(seconds)  # type: ignore[name-defined]


if os.environ.get("BENCH_PEER") == "celery_threads":
    from celery import Celery

    app = Celery("bench", broker=URL)
    app.conf.update(task_ignore_result=True, worker_prefetch_multiplier=1)

    @app.task
    def sleeper(seconds: float) -> None:
        nap(seconds)
