"""RQ as it comes: `rq worker-pool -n 50`, a process a job."""

from bench.peers.common import URL, nap

PACKAGES = ["rq==3.0.0", "redis[hiredis]"]
AT_ONCE = 50


def worker(jobs: int) -> list[str]:
    return ["rq", "worker-pool", "-u", URL, "-q", "-n", str(AT_ONCE), "bench"]


def enqueue(jobs: int, seconds: float) -> None:
    from redis import Redis
    from rq import Queue

    queue = Queue("bench", connection=Redis.from_url(URL))
    queue.enqueue_many([Queue.prepare_data(nap, args=(seconds,)) for _ in range(jobs)])
