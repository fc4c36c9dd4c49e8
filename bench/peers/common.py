"""The job of a peer: sleeps, and records when it started and ended."""

import os
import time

import redis

URL = os.environ.get("BENCH_REDIS_URL", "redis://127.0.0.1:6379/0")
STARTED, ENDED = "bench:started", "bench:ended"
_client = redis.Redis.from_url(URL, max_connections=4000)


def nap(seconds: float) -> None:
    """The body of a job."""
    _client.rpush(STARTED, time.time())
    time.sleep(seconds)
    _client.rpush(ENDED, time.time())
