"""saq: asyncio, one process."""

import asyncio
import os
import time

from bench.peers.common import ENDED, STARTED, URL

PACKAGES = ["saq[redis]", "typing_extensions", "hiredis", "uvloop"]


def worker(jobs: int) -> list[str]:
    return ["saq", "bench.peers.saq_async.settings", "--quiet"]


async def sleeper(ctx: dict, *, seconds: float) -> None:
    client = ctx["worker"].queue.redis
    await client.rpush(STARTED, time.time())
    await asyncio.sleep(seconds)
    await client.rpush(ENDED, time.time())


def enqueue(jobs: int, seconds: float) -> None:
    asyncio.run(_enqueue(jobs, seconds))


async def _enqueue(jobs: int, seconds: float) -> None:
    queue = _queue()
    await queue.connect()
    for start in range(0, jobs, 50):
        count = min(50, jobs - start)
        await asyncio.gather(
            *(queue.enqueue("sleeper", seconds=seconds, timeout=60) for _ in range(count))
        )
    await queue.disconnect()


def _queue():  # type: ignore[no-untyped-def]
    from saq import Queue

    return Queue.from_url(f"{URL}?max_connections=4000", name="bench")


def __getattr__(name: str):  # type: ignore[no-untyped-def]
    if name != "settings":
        raise AttributeError(name)
    return {"queue": _queue(), "functions": [sleeper], "concurrency": int(os.environ["BENCH_JOBS"])}
