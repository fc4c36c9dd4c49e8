"""GET /jobs over 10,000 jobs, with two filters, through a real api: p50 and p99.

python -m bench.lists [--jobs 10000]
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from bench.api_alone import api_alone
from chaos.http_connection import http_connection

QUERIES = {
    "newest 50": "/jobs",
    "type and status": "/jobs?type=generate_relics&status=pending",
    "session and tag": "/jobs?session_id=s7&tag=t3",
    "words": "/jobs?q=theme-77",
}
ROUNDS = 100
LANES = 16


async def fill(url: str, jobs: int) -> None:
    numbers = iter(range(jobs))

    async def lane() -> None:
        async with http_connection(url) as connection:
            for number in numbers:
                body = {
                    "type": ("generate_relics", "generate_characters")[number % 2],
                    "payload": {"theme": f"theme-{number}"},
                    "session_id": f"s{number % 50}",
                    "tags": [f"t{number % 7}"],
                }
                status, answer = await connection.send("POST", "/jobs", body)
                if status != 202:
                    raise SystemExit(f"POST /jobs answered {status}: {answer}")

    await asyncio.gather(*(lane() for _ in range(LANES)))


async def measure(url: str) -> dict[str, list[float]]:
    """Milliseconds of each query, taken in turn."""
    samples_ms: dict[str, list[float]] = {name: [] for name in QUERIES}
    async with http_connection(url) as connection:
        for _ in range(ROUNDS):
            for name, path in QUERIES.items():
                started_at = time.perf_counter()
                status, _ = await connection.send("GET", path)
                samples_ms[name].append((time.perf_counter() - started_at) * 1000)
                if status != 200:
                    raise SystemExit(f"GET {path} answered {status}")
    return samples_ms


async def run(jobs: int) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="bench-lists-") as folder,
        api_alone(Path(folder)) as at,
    ):
        await fill(at.url, jobs)
        for name, samples_ms in (await measure(at.url)).items():
            ranks = statistics.quantiles(samples_ms, n=100)
            print(f"{name:<16} p50 {ranks[49]:5.1f} ms   p99 {ranks[98]:5.1f} ms   of {jobs} jobs")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=10_000)
    asyncio.run(run(parser.parse_args().jobs))
