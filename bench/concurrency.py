"""Runs 500 (then 2,000) jobs of 2 s at once in ONE worker process, and on the strongest peers.

    python -m bench.concurrency [--jobs 500 2000] [--rounds 3] [--peers saq_async ...] [--only-ours]

Ours runs everything: POST /jobs, RQ, the worker, gRPC, the official SDK over HTTP to the offline
model, with progress and the call ledger. The peers only sleep. Rounds are interleaved; medians are
printed. Peers are installed once, each into its own virtual environment under --venvs.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from redis import Redis

from bench.load import post_many
from bench.processes import PeakMemory, cpu_seconds, tree
from tests.servers import redis_server
from tests.stack import Stack
from tests.waiting import wait_until

PEERS = ("rq_pool", "saq_async", "dramatiq_threads", "celery_threads")


@dataclass
class RoundResult:
    """The result of one round."""

    makespan_s: float
    overlap: int
    idle_mib: float
    peak_mib: float
    processes: int
    cpu_s: float


def overlap(starts: list[float], ends: list[float]) -> int:
    """Returns the maximum of jobs that ran at once."""
    running = maximum = 0
    for _, change in sorted([(at, 1) for at in starts] + [(at, -1) for at in ends]):
        running += change
        maximum = max(maximum, running)
    return maximum


def ours(jobs: int, seconds: float, directory: Path) -> RoundResult:
    """Runs one round of Loresmith with fresh processes."""
    system = Stack(directory, seconds=seconds, env={"LORESMITH_CONCURRENCY": str(jobs)})
    try:
        system.start()
        body = json.dumps(
            {"type": "generate_characters", "payload": {"theme": "fantasy", "count": 3}}
        )
        worker = system["worker"].process
        assert worker is not None
        warm = system.submit()
        system.wait_for(warm)
        before = cpu_seconds(tree(worker.pid))
        with PeakMemory(worker.pid) as memory:
            started_at = time.time()
            ids = asyncio.run(post_many(system.url + "/jobs", body.encode(), jobs))
            wait_until(
                lambda: system.redis.zcard("jobs:deadlines") == 0, "all jobs are done", timeout=300
            )
            last = time.time()
        records = [system.redis.hgetall(f"job:{job_id}") for job_id in ids]
        bad = [record for record in records if record.get("status") != "completed"]
        if bad:
            raise SystemExit(f"{len(bad)} of {jobs} jobs did not complete; the first: {bad[0]}")
        starts = [int(record["started_ms"]) / 1000 for record in records]
        ends = [int(record["completed_ms"]) / 1000 for record in records]
        return RoundResult(
            min(last, max(ends)) - started_at, overlap(starts, ends),
            memory.idle_mib, memory.peak_mib, memory.processes,
            cpu_seconds(tree(worker.pid)) - before,
        )  # fmt: skip
    finally:
        system.stop()


def peer(name: str, jobs: int, seconds: float, directory: Path, venvs: Path) -> RoundResult:
    """Runs one round of a peer, with a fresh server and worker."""
    from bench.peers import common

    with redis_server(directory) as server:
        env = os.environ | {
            "BENCH_REDIS_URL": server.url,
            "BENCH_PEER": name,
            "BENCH_JOBS": str(jobs),
            "PYTHONPATH": ".",
            "PATH": f"{venvs / name / 'bin'}:{os.environ['PATH']}",
        }
        client = Redis(port=server.port)
        worker = subprocess.Popen(
            _worker_command(name, jobs, env),
            env=env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _enqueue(name, 1, 0.0, env)
            wait_until(lambda: client.llen(common.ENDED) == 1, f"{name} runs a job", timeout=60)
            if name == "rq_pool":
                wait_until(
                    lambda: client.scard("rq:workers") >= 50, "50 workers are up", timeout=120
                )
            client.delete(common.STARTED, common.ENDED)
            before = cpu_seconds(tree(worker.pid))
            with PeakMemory(worker.pid, 1.0 if name == "rq_pool" else 0.25) as memory:
                started_at = time.time()
                _enqueue(name, jobs, seconds, env)
                wait_until(lambda: client.llen(common.ENDED) >= jobs, f"{name} ends", timeout=300)
            times = [
                [float(at) for at in client.lrange(key, 0, -1)]
                for key in (common.STARTED, common.ENDED)
            ]
            used = cpu_seconds(tree(worker.pid)) - before
            return RoundResult(
                max(times[1]) - started_at,
                overlap(*times),
                memory.idle_mib,
                memory.peak_mib,
                memory.processes,
                used,
            )
        finally:
            worker.terminate()
            try:
                worker.wait(20)
            except subprocess.TimeoutExpired:
                for pid in tree(worker.pid):
                    os.kill(pid, 9)


def _worker_command(name: str, jobs: int, env: dict[str, str]) -> list[str]:
    code = f"import json; from bench.peers import {name} as p; print(json.dumps(p.worker({jobs})))"
    printed = subprocess.run(
        ["python", "-c", code], env=env, check=True, capture_output=True, text=True
    )
    return list(json.loads(printed.stdout))


def _enqueue(name: str, jobs: int, seconds: float, env: dict[str, str]) -> None:
    code = f"from bench.peers import {name} as p; p.enqueue({jobs}, {seconds})"
    subprocess.run(["python", "-c", code], env=env, check=True)


def install(names: list[str], venvs: Path) -> None:
    """Makes a virtual environment for each peer that has none yet."""
    for name in names:
        if (venvs / name / "bin" / "python").exists():
            continue
        print(f"installing {name} ...", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", venvs / name], check=True)
        packages = import_module(f"bench.peers.{name}").PACKAGES
        subprocess.run(
            [venvs / name / "bin" / "python", "-m", "pip", "install", "-q", "redis", *packages],
            check=True,
        )


def report(name: str, jobs: int, runs: list[RoundResult]) -> None:
    """Prints one row of medians."""

    def median(field: str) -> float:
        return statistics.median(getattr(run, field) for run in runs)

    print(
        f"{name:<18} {jobs:>6} {median('makespan_s'):>10.2f} {median('overlap'):>8.0f} "
        f"{median('idle_mib'):>9.0f} {median('peak_mib'):>9.0f} {median('processes'):>6.0f} "
        f"{median('cpu_s'):>8.2f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--jobs", type=int, nargs="+", default=[500, 2000])
    parser.add_argument("--seconds", type=float, default=2.0, help="length of a job")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=list(PEERS))
    parser.add_argument("--only-ours", action="store_true")
    parser.add_argument("--venvs", type=Path, default=Path(".venv/peers"))
    options = parser.parse_args()
    peers = [] if options.only_ours else options.peers
    install(peers, options.venvs)
    print(
        f"{'':<18} {'jobs':>6} {'makespan s':>10} {'at once':>8} "
        f"{'idle MiB':>9} {'peak MiB':>9} {'procs':>6} {'CPU s':>8}"
    )
    for jobs in options.jobs:
        rounds: dict[str, list[RoundResult]] = {}
        for _ in range(options.rounds):
            for name in ["loresmith", *peers]:
                with tempfile.TemporaryDirectory() as folder:
                    run = (
                        ours(jobs, options.seconds, Path(folder))
                        if name == "loresmith"
                        else peer(
                            name, jobs, options.seconds, Path(folder), options.venvs.absolute()
                        )
                    )
                rounds.setdefault(name, []).append(run)
        for name, runs in rounds.items():
            report(name, jobs, runs)


if __name__ == "__main__":
    main()
