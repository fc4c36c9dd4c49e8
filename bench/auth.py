"""Compares POST /jobs and GET /jobs/{id} with an API key and without.

    python -m bench.auth [--pairs 9] [--seconds 2] [--connections 32]

Two api processes on two databases of one Redis-compatible server: one demands credentials, the
other is open on loopback. They take turns; a pair is a turn of each, and the ratio is of the same
pair.
"""

import argparse
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

from redis import Redis

from bench.processes import cpu_seconds
from bench.submit import BODY, Turn, load
from tests.integration.api_process import Api, api, new_key
from tests.servers import RedisServer, redis_server

POST, GET = "POST /jobs", "GET /jobs/{id}"


@dataclass
class Side:
    """One of the two servers."""

    running: Api
    redis_url: str
    folder: Path
    has_key: bool

    def turn(self, what: str, options: argparse.Namespace) -> Turn:
        """Measures one route on an empty database."""
        with Redis.from_url(self.redis_url) as client:
            client.flushdb()
        key = new_key(self.redis_url, self.folder) if self.has_key else ""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        job_id = self.running.ask("POST", "/jobs", BODY, **headers).json["id"]
        url = f"http://127.0.0.1:{self.running.port}/jobs"
        before = cpu_seconds([self.running.process.pid])
        if what == POST:
            rate = load("POST", url, options, headers=headers)
        else:
            rate = load("GET", f"{url}/{job_id}", options, headers=headers)
        used = cpu_seconds([self.running.process.pid]) - before
        return Turn(rate, 1e6 * used / (rate * options.seconds))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--seconds", type=int, default=2, help="duration of one turn")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--no-wrk", action="store_true", help="load from this process")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, redis_server(Path(folder)) as server:
        for what in (POST, GET):
            report(what, pairs(what, server, Path(folder), options))


def pairs(
    what: str, server: RedisServer, folder: Path, options: argparse.Namespace
) -> list[tuple[Turn, Turn]]:
    """Measures without and with a key in turns, each side first in half of the pairs."""
    open_url, closed_url = (server.url.replace("/0", f"/{number}") for number in (1, 2))
    new_key(closed_url, folder)
    with api(open_url, folder) as one, api(closed_url, folder, LORESMITH_AUTH="required") as other:
        sides = [Side(one, open_url, folder, False), Side(other, closed_url, folder, True)]
        turns = []
        for number in range(options.pairs):
            order = sides if number % 2 else sides[::-1]
            results = {side.has_key: side.turn(what, options) for side in order}
            turns.append((results[False], results[True]))
        return turns


def report(what: str, turns: list[tuple[Turn, Turn]]) -> None:
    rates = statistics.median(with_key.rate / without.rate for without, with_key in turns)
    cpu = statistics.median(with_key.cpu_us / without.cpu_us for without, with_key in turns)
    rate = statistics.median(with_key.rate for _, with_key in turns)
    print(
        f"{what:<16} with a key {rate:6.0f}/s   {100 * rates:4.0f} % of the rate and "
        f"{100 * cpu:4.0f} % of the CPU without one (median of {len(turns)} pairs)",
        flush=True,
    )


if __name__ == "__main__":
    main()
