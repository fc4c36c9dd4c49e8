"""Fairness between owners, and what the gate costs.

    python -m bench.fairness [flood closed cost] [--jobs 100000] [--seconds 60]

flood   One team has 100,000 jobs waiting, of 1,000 users, and nine owners have more than they can
        run, of other sizes. 50 owners submit a job every 10 s: the p95 of their durations,
        compared with those on an empty server. The least Jain index of the tokens of the ten busy
        owners in any window of 10 answers: an answer takes 1 s here and 30 s of a real model, so
        that a window stands for 5 minutes.
closed  5,000 owners wait for a model that is closed, then one more owner submits a job for
        another model.
cost    The time in Redis to admit a job, its commands, and its share of a core, with 10, 1,000
        and 10,000 owners.
"""

import argparse
import asyncio
import itertools
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from redis import Redis

from bench.fill import QUEUE, body_of, fill
from loresmith.jobs.store import keys
from loresmith.worker.adapters.job_store import WorkerJobStore
from tests.servers import redis_server
from tests.stack import Stack, stack
from tests.waiting import wait_until

ANSWER_S = 1.0
CONCURRENCY = 20
QUIET_OWNERS, QUIET_INTERVAL_S = 50, 10.0
BUSY_OWNERS, BUSY_JOBS = 9, 2_000
FLOODER, FLOODER_USERS = "flood", 1_000
WINDOW_S, STEP_S = 10 * ANSWER_S, ANSWER_S
BLOCKED_OWNERS = 5_000
ADMISSIONS = 1_000


def flooder_bodies(jobs: int) -> Iterator[bytes]:
    """Yields the create requests of one team, of many users."""
    for number in range(jobs):
        owner = {"user_id": f"key-{number % FLOODER_USERS}", "team_id": FLOODER}
        yield body_of(f"flood {number}", owner)


def busy_bodies() -> Iterator[bytes]:
    """Yields the create requests of users with jobs of one to nine characters."""
    for number, user in itertools.product(range(BUSY_JOBS), range(1, BUSY_OWNERS + 1)):
        yield body_of(f"busy {number}", {"user_id": f"busy-{user}"}, count=user)


async def submit_quietly(system: Stack, seconds: float) -> list[str]:
    """Submits a job of each quiet owner every 10 s, evenly spread; returns the ids."""
    end, ids = time.monotonic() + seconds, []
    for number in itertools.count():
        due = end - seconds + number * QUIET_INTERVAL_S / QUIET_OWNERS
        if due >= end:
            return ids
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        owner = {"user_id": f"quiet-{number % QUIET_OWNERS}"}
        body = {"type": "generate_characters", "payload": {"theme": f"quiet {number}", "count": 3}}
        status, job = await asyncio.to_thread(system.post, "/jobs", body | {"on_behalf_of": owner})
        if status != 202:
            raise SystemExit(f"POST /jobs was answered {status}: {job}")
        ids.append(str(job["id"]))
    return ids


def durations(system: Stack, seconds: float) -> list[float]:
    """Returns the seconds from submission to end of the jobs of the quiet owners."""
    ids = asyncio.run(submit_quietly(system, seconds))
    last = system.redis

    def times() -> list[list[str | None]]:
        with last.pipeline(transaction=False) as pipeline:
            for job_id in ids:
                pipeline.hmget(keys.job(job_id), "created_ms", "completed_ms")
            return list(pipeline.execute())

    wait_until(lambda: all(row[1] for row in times()), "the quiet owners' jobs end", timeout=120)
    return [(int(row[1] or 0) - int(row[0] or 0)) / 1000 for row in times()]


def flood(options: argparse.Namespace, folder: Path) -> Iterator[str]:
    """Measures an empty server, then the same with a flood."""
    env = {"LORESMITH_CONCURRENCY": str(CONCURRENCY), "LORESMITH_QUEUE_MAX": "10000000"}
    with stack(folder, seconds=ANSWER_S, chunks=2, prices=(1, 1), env=env) as system:
        durations(system, 2)
        empty = durations(system, options.seconds)
        asyncio.run(fill(system.redis_server.url, busy_bodies()))
        asyncio.run(fill(system.redis_server.url, flooder_bodies(options.jobs)))
        started_ms = int(time.time() * 1000)
        flooded = durations(system, options.seconds)
        ended_ms = int(time.time() * 1000)
        rows = used_tokens(system.redis, started_ms, ended_ms)
        waiting = int(system.redis.hget(keys.gate(QUEUE), "waiting") or 0)
    yield f"flood: {waiting} jobs wait at the end"
    for name, times in (("empty server", empty), ("with the flood", flooded)):
        ranks = statistics.quantiles(times, n=100)
        yield f"  {name:<15} p50 {ranks[49]:.2f} s, p95 {ranks[94]:.2f} s of {len(times)} jobs"
    ratio = statistics.quantiles(flooded, n=100)[94] / statistics.quantiles(empty, n=100)[94]
    yield f"  p95: {ratio:.2f} of an empty server"
    yield from shares(rows, started_ms, ended_ms)


def used_tokens(redis: Any, from_ms: int, to_ms: int) -> list[tuple[int, str, int]]:
    """Returns end, owner and tokens of the jobs of busy owners that ended within a time."""
    ids = redis.zrangebyscore(keys.ENDED, from_ms, to_ms)
    with redis.pipeline(transaction=False) as pipeline:
        for job_id in ids:
            pipeline.hmget(keys.job(job_id), "completed_ms", "team_id", "user_id", "used_tokens")
        rows = pipeline.execute()
    owners = [(int(row[0]), row[1] or row[2], int(row[3] or 0)) for row in rows if row[0]]
    return [row for row in owners if not row[1].startswith("quiet")]


def shares(rows: list[tuple[int, str, int]], from_ms: int, to_ms: int) -> Iterator[str]:
    """Reports the Jain index of the tokens of the busy owners, in all and in the worst window."""
    window, step = int(WINDOW_S * 1000), int(STEP_S * 1000)
    indexes = [
        jain(rows, at, at + window) for at in range(from_ms, max(from_ms + 1, to_ms - window), step)
    ]
    yield f"  Jain index of {BUSY_OWNERS + 1} busy owners: {jain(rows, from_ms, to_ms):.3f}"
    yield (
        f"    in windows of {WINDOW_S:.0f} s: at least {min(indexes):.3f}, "
        f"median {statistics.median(indexes):.3f}"
    )
    totals: Counter[str] = Counter()
    for _, owner, tokens in rows:
        totals[owner] += tokens
    yield "  tokens: " + ", ".join(f"{owner} {tokens}" for owner, tokens in sorted(totals.items()))


def jain(rows: list[tuple[int, str, int]], from_ms: int, to_ms: int) -> float:
    """Returns the Jain index of the tokens of all busy owners: 1 when each has as many."""
    totals = Counter({owner: 0 for _, owner, _ in rows})
    for ended_ms, owner, tokens in rows:
        totals[owner] += tokens if from_ms <= ended_ms < to_ms else 0
    squares = sum(tokens**2 for tokens in totals.values())
    return sum(totals.values()) ** 2 / ((BUSY_OWNERS + 1) * squares) if squares else 0.0


def closed(options: argparse.Namespace, folder: Path) -> Iterator[str]:
    """Measures how long a job waits behind owners whose model is closed."""
    with stack(folder, seconds=ANSWER_S, chunks=2, prices=(1, 1)) as system:
        system.wait_for(system.submit())
        until = {"closed_until_ms": int(time.time() * 1000) + 3_600_000, "closed_reason": "test"}
        system.redis.hset(keys.pool("gpt-closed"), mapping=until)
        blocked = (
            body_of("blocked", {"user_id": f"u{n}"}, options={"model": "gpt-closed"})
            for n in range(BLOCKED_OWNERS)
        )
        asyncio.run(fill(system.redis_server.url, blocked))
        waits_ms = [_wait_ms(system) for _ in range(20)]
        running = system.redis.zcard(keys.by("status", "processing"))
    yield f"closed: {BLOCKED_OWNERS} owners wait for a closed model, {running} of their jobs run"
    yield (
        f"  a job of another model starts after {statistics.median(waits_ms):.0f} ms "
        f"(median; {max(waits_ms):.0f} ms at most) of {len(waits_ms)}"
    )


def _wait_ms(system: Stack) -> int:
    """Returns the time from the submission of a job to its start."""
    job_id = system.submit()
    system.wait_for(job_id)
    created, started = system.redis.hmget(keys.job(job_id), "created_ms", "started_ms")
    return int(started or 0) - int(created or 0)


def cost(options: argparse.Namespace, folder: Path) -> Iterator[str]:
    """Measures the admission of single jobs in Redis."""
    with redis_server(folder) as server:
        for owners in (10, 1_000, 10_000):
            yield from _cost(server.url, owners)


def _cost(url: str, owners: int) -> Iterator[str]:
    redis: Any = Redis.from_url(url, decode_responses=True)
    redis.flushall()
    worker = WorkerJobStore(redis, f"w@{QUEUE}", 600, 600)
    worker.heartbeat([])
    worker.admit(0, 0, [QUEUE])
    jobs = max(2 * ADMISSIONS, owners)
    asyncio.run(
        fill(url, (body_of(f"cost {n}", {"user_id": f"u{n % owners}"}) for n in range(jobs)))
    )
    redis.config_set("slowlog-max-len", 10 * ADMISSIONS)
    redis.config_set("slowlog-log-slower-than", 0)
    redis.slowlog_reset()
    redis.config_resetstat()
    admitted = sum(len(worker.admit(10 * jobs, 1, [QUEUE])) for _ in range(ADMISSIONS))
    stats = redis.info("commandstats")
    redis.config_set("slowlog-log-slower-than", -1)
    runs = [e["duration"] for e in redis.slowlog_get(10 * ADMISSIONS) if b"EVALSHA" in e["command"]]
    ranks = statistics.quantiles(runs, n=100)
    evals = stats.pop("cmdstat_evalsha")
    commands = sum(row["calls"] for row in stats.values())
    if admitted != ADMISSIONS:
        raise SystemExit(f"{admitted} jobs were admitted, not {ADMISSIONS}")
    yield (
        f"cost: {owners} owners: an admission takes p50 {ranks[49]:.0f} us, "
        f"p99 {ranks[98]:.0f} us, mean {evals['usec'] / admitted:.0f} us in Redis, "
        f"and {commands / admitted:.0f} commands"
    )


SCENARIOS: dict[str, Callable[[argparse.Namespace, Path], Iterator[str]]] = {
    "flood": flood,
    "closed": closed,
    "cost": cost,
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("scenarios", nargs="*", default=list(SCENARIOS), metavar="SCENARIO")
    parser.add_argument("--jobs", type=int, default=100_000, help="jobs of the flooder")
    parser.add_argument("--seconds", type=float, default=60, help="of each half of flood")
    options = parser.parse_args()
    for name in options.scenarios:
        with tempfile.TemporaryDirectory(prefix="bench-fairness-") as folder:
            for line in SCENARIOS[name](options, Path(folder)):
                print(line, flush=True)


if __name__ == "__main__":
    main()
