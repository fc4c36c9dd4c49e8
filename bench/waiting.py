"""Memory of waiting jobs, and what Redis does about them while one busy worker and an api run.

    python -m bench.waiting [--jobs 30000] [--seconds 60] [--listpack 1024]

Submits jobs with 300 bytes of input through the api's own code and script, of 100 jobs a user and
10,000 a team. Then a worker takes as many as it can run, and they run on during the measurement.
Prints the bytes of a job by kind of key, the CPU of Redis in per cent of a core, and the longest
run of each script.
"""

import argparse
import asyncio
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.fill import body_of, fill
from loresmith.jobs.store import scripts
from tests.servers import RedisServer, free_port
from tests.stack import Stack
from tests.waiting import wait_until

CONCURRENCY = 10
THEME = (
    "A drowned harbour town, {number}, whose bells still ring under the tide and whose people "
    "remember every name that the sea took, in seven families that have hated one another since "
    "the flood; give each a trade, a secret, a debt and an heirloom that another family wants"
)
SLOW_US = 200
"""Commands that take longer are in the slow log."""
MAX_SAMPLES = 2_000
"""Keys of one kind whose memory is read."""
NAMES = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f-]{17}"), "{id}"),
    (re.compile(r"(user|team|session)-\d+"), r"\1-{n}"),
    (re.compile(r"\b[0-9a-f]{40}\b"), "{sha}"),
)


@dataclass(frozen=True)
class IdleMinute:
    """What Redis did while nothing was submitted."""

    cpu_per_cent: float
    commands_per_s: float
    slowest_ms: dict[str, float]
    """The longest run of each script and command that took more than SLOW_US."""


def bodies(jobs: int) -> Iterator[bytes]:
    """Yields the create requests."""
    for number in range(jobs):
        owner = {"user_id": f"user-{number // 100}", "team_id": f"team-{number // 10_000}"}
        yield body_of(THEME.format(number=number), owner, session_id=f"session-{number // 20}")


def used_memory(redis: Any) -> int:
    return int(redis.info("memory")["used_memory"])


def memory_by_kind(redis: Any) -> dict[str, int]:
    """Returns the bytes of the keys of each kind, estimated from samples where there are many."""
    kinds: defaultdict[str, list[str]] = defaultdict(list)
    for key in redis.scan_iter(count=10_000):
        name = key
        for pattern, stands in NAMES:
            name = pattern.sub(stands, name)
        kinds[name].append(key)
    return {name: _memory(redis, names) for name, names in kinds.items()}


def _memory(redis: Any, names: list[str]) -> int:
    step = -(-len(names) // MAX_SAMPLES)
    with redis.pipeline(transaction=False) as pipeline:
        for name in names[::step]:
            pipeline.memory_usage(name)
        sizes = pipeline.execute()
    return round(sum(sizes) / len(sizes) * len(names))


def idle(redis: Any, seconds: float) -> IdleMinute:
    """Watches Redis for some seconds."""
    redis.config_set("slowlog-log-slower-than", SLOW_US)
    redis.config_set("slowlog-max-len", 10_000)
    redis.slowlog_reset()
    before, started_at = redis.info(), time.monotonic()
    time.sleep(seconds)
    after, elapsed_s = redis.info(), time.monotonic() - started_at
    slowest_ms: defaultdict[str, float] = defaultdict(float)
    for entry in redis.slowlog_get(10_000):
        name = _command(entry["command"])
        slowest_ms[name] = max(slowest_ms[name], entry["duration"] / 1000)

    def rate(*fields: str) -> float:
        return sum(float(after[field]) - float(before[field]) for field in fields) / elapsed_s

    cpu = 100 * rate("used_cpu_user", "used_cpu_sys")
    return IdleMinute(cpu, rate("total_commands_processed"), dict(slowest_ms))


def _command(command: bytes | str) -> str:
    """Returns the name of a command of the slow log: of a script its own."""
    words = (command.decode(errors="replace") if isinstance(command, bytes) else command).split()
    names = {scripts.script(name).sha: name for name in scripts.names()}
    return names.get(words[1], words[0]) if len(words) > 1 else words[0]


def busy_worker(system: Stack) -> None:
    """Starts all processes, and waits until the worker runs as many jobs as it can."""
    system.start()
    wait_until(
        lambda: system.redis.zcard("jobs:by:status:processing") >= CONCURRENCY,
        "the worker is busy",
        timeout=60,
    )


def report(jobs: int, bytes_used: int, kinds: dict[str, int], watched: IdleMinute) -> Iterator[str]:
    yield f"{jobs} waiting jobs: {bytes_used / jobs:.0f} bytes each"
    for name, size in sorted(kinds.items(), key=lambda kind: -kind[1]):
        if size / jobs >= 1:
            yield f"  {size / jobs:7.1f}  {name!r}"
    yield f"Redis: {watched.cpu_per_cent:.2f} % of a core, {watched.commands_per_s:.0f} commands/s"
    for name, duration in sorted(watched.slowest_ms.items(), key=lambda each: -each[1])[:8]:
        yield f"  {duration:7.2f} ms at most  {name}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--jobs", type=int, default=30_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--listpack", default="1024", help="hash-max-listpack-value of the server")
    parser.add_argument("--fsync", default="always", help="appendfsync while Redis is watched")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-waiting-") as folder:
        server = RedisServer(free_port(), Path(folder))
        settings = ("--hash-max-listpack-value", options.listpack)
        server.start(*settings, "--appendfsync", "everysec")
        env = {"LORESMITH_CONCURRENCY": str(CONCURRENCY), "LORESMITH_QUEUE_MAX": "10000000"}
        system = Stack(Path(folder), seconds=3_600, env=env, prices=(1, 1), redis_server=server)
        try:
            empty = used_memory(system.redis)
            asyncio.run(fill(server.url, bodies(options.jobs)))
            bytes_used = used_memory(system.redis) - empty
            kinds = memory_by_kind(system.redis)
            system.redis.config_set("appendfsync", options.fsync)
            busy_worker(system)
            watched = idle(system.redis, options.seconds)
        finally:
            system.stop()
    print("\n".join(report(options.jobs, bytes_used, kinds, watched)))


if __name__ == "__main__":
    main()
