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
from chaos.browser import browser

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
        async with browser(url) as here:
            for number in numbers:
                body = {
                    "type": ("generate_relics", "generate_characters")[number % 2],
                    "payload": {"theme": f"theme-{number}"},
                    "session_id": f"s{number % 50}",
                    "tags": [f"t{number % 7}"],
                }
                status, told = await here.send("POST", "/jobs", body)
                if status != 202:
                    raise SystemExit(f"POST /jobs answered {status}: {told}")

    await asyncio.gather(*(lane() for _ in range(LANES)))


async def measure(url: str) -> dict[str, list[float]]:
    """Milliseconds of each query, taken in turn so that a noisy moment hits all."""
    taken: dict[str, list[float]] = {name: [] for name in QUERIES}
    async with browser(url) as here:
        for _ in range(ROUNDS):
            for name, path in QUERIES.items():
                began = time.perf_counter()
                status, _ = await here.send("GET", path)
                taken[name].append((time.perf_counter() - began) * 1000)
                if status != 200:
                    raise SystemExit(f"GET {path} answered {status}")
    return taken


async def run(jobs: int) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="bench-lists-") as folder,
        api_alone(Path(folder)) as at,
    ):
        await fill(at.url, jobs)
        for name, taken in (await measure(at.url)).items():
            ranks = statistics.quantiles(taken, n=100)
            print(f"{name:<16} p50 {ranks[49]:5.1f} ms   p99 {ranks[98]:5.1f} ms   of {jobs} jobs")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=10_000)
    asyncio.run(run(parser.parse_args().jobs))
