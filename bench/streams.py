"""Measures the delay from a write in Redis to the clients that watch running jobs on one api.

    python -m bench.streams [--clients 1000] [--jobs 200]

Each job has two updates a second. Clients are raw sockets in a process of their own; the delay is
delays_ms between the moment before the write and the moment the client has read it, on one clock.
Memory is the growth of the api per client.
"""

import argparse
import asyncio
import json
import multiprocessing
import resource
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from redis.asyncio import Redis

from bench.api_alone import ApiAddress, api_alone
from bench.load import post_many
from loresmith.jobs.store.scripts import script

BODY = json.dumps({"type": "generate_relics", "payload": {"theme": "salt"}}).encode()
A_SECOND = 2
WARM_S, MEASURED_S = 3.0, 8.0
MARK = b'"text":"'


def private_kib(pid: int) -> int:
    """Returns the private memory of a process, in KiB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


async def watch(url: str, job_id: str, since: float, delays_ms: list[float]) -> None:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(f"GET /jobs/{job_id}/events HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
    while line := await reader.readline():
        if MARK in line:
            now = time.time()
            written = float(line.split(MARK, 1)[1].split(b'"', 1)[0])
            if written >= since:
                delays_ms.append((now - written) * 1000)


def clients(url: str, ids: list[str], count: int, since: float, results: Any) -> None:
    """Runs many clients in a process; sends back all delays in ms."""
    delays_ms: list[float] = []

    async def all_of_them() -> None:
        watching = [watch(url, ids[n % len(ids)], since, delays_ms) for n in range(count)]
        async with asyncio.timeout(since + MEASURED_S + 1 - time.time()):
            await asyncio.gather(*watching)

    try:
        asyncio.run(all_of_them())
    except TimeoutError:
        results.send(delays_ms)


async def write(port: int, ids: list[str], until: float) -> None:
    """Writes two updates a second for each job, spread evenly."""
    redis, tell = Redis(port=port), script("jobs/append_events")
    await redis.script_load(tell.source)
    number, started_at = 0, time.time()
    while time.time() < until:
        job_id = ids[number % len(ids)]
        place = number // len(ids) + 1
        arguments = ["bench", job_id, 1, place, "delta", "generate", 0, f"{time.time():.6f}"]
        await redis.evalsha(tell.sha, 0, *arguments)
        number += 1
        await asyncio.sleep(max(0, started_at + number / (A_SECOND * len(ids)) - time.time()))
    await redis.aclose()


async def running_jobs(at: ApiAddress, jobs: int) -> list[str]:
    ids = await post_many(f"{at.url}/jobs", BODY, jobs)
    redis, claim = Redis(port=at.redis_port), script("jobs/claim")
    for job_id in ids:
        await redis.eval(claim.source, 1, f"job:{job_id}", job_id, 1, "bench", 600_000)
    await redis.aclose()
    return ids


def main(options: argparse.Namespace) -> None:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with (
        tempfile.TemporaryDirectory(prefix="bench-streams-") as folder,
        api_alone(Path(folder)) as at,
    ):
        ids = asyncio.run(running_jobs(at, options.jobs))
        before = private_kib(at.pid)
        opening_s = options.clients / 500
        since = time.time() + opening_s + WARM_S
        receiver, sender = multiprocessing.Pipe(duplex=False)
        arguments = (at.url, ids, options.clients, since, sender)
        process = multiprocessing.get_context("spawn").Process(target=clients, args=arguments)
        process.start()
        asyncio.run(write(at.redis_port, ids, since + MEASURED_S))
        after = private_kib(at.pid)
        delays_ms = receiver.recv()
        process.join()
    ranks = statistics.quantiles(delays_ms, n=100)
    expected = int(options.clients * A_SECOND * MEASURED_S)
    print(
        f"{options.clients} clients of {options.jobs} jobs: "
        f"{len(delays_ms)} of about {expected} events"
    )
    print(f"write to client p50 {ranks[49]:.1f} ms   p90 {ranks[89]:.1f}   p99 {ranks[98]:.1f}")
    print(f"{(after - before) / options.clients:.1f} KiB a client")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clients", type=int, default=1_000)
    parser.add_argument("--jobs", type=int, default=200)
    main(parser.parse_args())
