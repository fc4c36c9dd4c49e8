"""dramatiq: one process of threads."""

import os

from bench.peers.common import URL, nap

PACKAGES = ["dramatiq[redis]", "hiredis"]


def worker(jobs: int) -> list[str]:
    return ["dramatiq", "bench.peers.dramatiq_threads", "-p", "1", "-t", str(jobs)]


def enqueue(jobs: int, seconds: float) -> None:
    for _ in range(jobs):
        sleeper.send(seconds)  # type: ignore[name-defined]


if os.environ.get("BENCH_PEER") == "dramatiq_threads":
    import dramatiq
    from dramatiq.brokers.redis import RedisBroker

    dramatiq.set_broker(RedisBroker(url=f"{URL}?max_connections=4000"))

    @dramatiq.actor
    def sleeper(seconds: float) -> None:
        nap(seconds)
