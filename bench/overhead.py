"""Measures CPU milliseconds per job of all our processes, and Redis commands per job.

    python -m bench.overhead [--jobs 500] [--seconds 30] [--chunks 8]

Jobs of 30 s run all at once, so that each has all 60 progress steps. The offline model
replaces the provider and has its own row; the load generator is not counted.
"""

import argparse
import asyncio
import json
import tempfile
from pathlib import Path

from bench.load import post_many
from bench.processes import cpu_seconds, tree
from tests.stack import Stack
from tests.waiting import wait_until


def redis_commands(system: Stack) -> tuple[int, int]:
    """Returns the commands that clients sent, and all commands including those of scripts."""
    stats = system.redis.info("commandstats")
    calls = {name.removeprefix("cmdstat_"): row["calls"] for name, row in stats.items()}
    return int(system.redis.info("stats")["total_commands_processed"]), sum(calls.values())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--jobs", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--chunks", type=int, help="pieces of an answer; default: two a second")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        concurrency = {"LORESMITH_CONCURRENCY": str(options.jobs)}
        system = Stack(
            Path(folder), seconds=options.seconds, chunks=options.chunks, env=concurrency
        )
        try:
            system.start()
            measure(system, options.jobs)
        finally:
            system.stop()


def measure(system: Stack, jobs: int) -> None:
    """Runs the jobs and prints the rows."""
    parts = {name: part.process for name, part in system.parts.items()}
    parts["redis"] = system.redis_server.process
    before = {name: cpu_seconds(tree(process.pid)) for name, process in parts.items() if process}
    commands = redis_commands(system)
    body = json.dumps({"type": "generate_characters", "payload": {"theme": "fantasy"}}).encode()
    ids = asyncio.run(post_many(system.url + "/jobs", body, jobs))
    wait_until(
        lambda: system.redis.zcard("jobs:deadlines") == 0,
        "all jobs are done",
        timeout=300,
        every=0.2,
    )
    after = redis_commands(system)
    used = {
        name: 1000 * (cpu_seconds(tree(process.pid)) - before[name]) / jobs
        for name, process in parts.items()
        if process
    }
    updates = sum(system.redis.xlen(f"job:{job_id}:updates") for job_id in ids) / jobs
    for name, millis in sorted(used.items(), key=lambda row: -row[1]):
        print(f"{name:<10} {millis:7.2f} ms CPU per job")
    ours = sum(millis for name, millis in used.items() if name != "offline")
    print(f"{'ours':<10} {ours:7.2f} ms CPU per job (all but the offline model)")
    print(f"updates    {updates:7.1f} per job")
    print(
        f"commands   {(after[0] - commands[0]) / jobs:7.1f} per job; with those inside scripts ",
        end="",
    )
    print(f"{(after[1] - commands[1]) / jobs:.1f}")


if __name__ == "__main__":
    main()
