"""POST /jobs and GET /jobs/{id} of the api beside a bare route that does one EVALSHA, one HGETALL;
and POST /jobs with an idempotency key of its own and three budgets to keep beside the same.

    python -m bench.submit [--rounds 5] [--seconds 3] [--connections 64]

Both run under the same uvicorn on a Redis-compatible server of the program's own (appendonly,
fsync always), and take turns; the server is emptied before each turn. Load comes from `wrk` where
it is installed, else from this process. No worker runs, so the api's rings and sweeps are included
and nobody answers them.
"""

import argparse
import asyncio
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from redis import Redis

from bench.load import read_response
from bench.processes import cpu_seconds
from tests.servers import RedisServer, free_port
from tests.stack import ROOT, listens, request
from tests.waiting import wait_until

BODY = {
    "type": "generate_characters",
    "payload": {"theme": "fantasy", "count": 3},
    "team_id": "sea",
}
BUDGETS = ("global/all", "team/sea", "type/generate_characters")
KEYS_OF_WRK = """
local n, seed = 0, tostring({}):sub(8)
function request()
  n = n + 1
  wrk.headers["Idempotency-Key"] = "bench-" .. seed .. "-" .. n
  return wrk.format()
end
"""
POST = "POST /jobs", 80
GUARDED = "POST, key, 3 budgets", 60
GET = "GET /jobs/{id}", 100
"""What is measured, and the least share of the bare route in per cent."""


@dataclass
class Target:
    """One of the two servers."""

    name: str
    url: str
    process: "subprocess.Popen[bytes]"

    def make_job(self) -> str:
        status, job = request("POST", f"{self.url}/jobs", BODY)
        if status != 202:
            raise SystemExit(f"{self.name}: POST /jobs answered {status}: {job}")
        return str(job["id"])


def start(name: str, module: list[str], port: int, redis: RedisServer, folder: Path) -> Target:
    """A server process on a port of its own; returns when it listens."""
    env = {
        "PYTHONPATH": str(ROOT),
        "REDIS_URL": redis.url,
        "DATABASE_URL": f"sqlite:///{folder}/worlds.db",
    }
    command = [sys.executable, "-m", *module, "--port", str(port)]
    process = subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.DEVNULL)
    wait_until(lambda: listens(port), f"{name} listens", timeout=20)
    return Target(name, f"http://127.0.0.1:{port}", process)


@dataclass
class Turn:
    """What one target did for one route."""

    rate: float
    """Requests per second."""
    cpu_us: float
    """Microseconds of CPU that the server's process used for each."""


def turn(target: Target, redis: RedisServer, what: str, given: argparse.Namespace) -> Turn:
    """One target and one route, on an empty server."""
    with Redis(port=redis.port) as client:
        client.flushall()
    if target.name == "bare":
        request("POST", f"{target.url}/load", {})
    elif what == GUARDED[0]:
        for budget in BUDGETS:
            request("PUT", f"{target.url}/budgets/{budget}", {"limit": 1_000_000})
    job_id = target.make_job()
    before = cpu_seconds([target.process.pid])
    if what == GET[0]:
        rate = load("GET", f"{target.url}/jobs/{job_id}", given)
    else:
        rate = load("POST", f"{target.url}/jobs", given, keys=what == GUARDED[0])
    used = cpu_seconds([target.process.pid]) - before
    return Turn(rate, 1e6 * used / (rate * given.seconds))


def load(method: str, url: str, given: argparse.Namespace, *, keys: bool = False) -> float:
    """Requests per second; with `keys` each has an Idempotency-Key of its own."""
    if shutil.which("wrk") and not given.no_wrk:
        return with_wrk(method, url, given, keys)
    return asyncio.run(with_asyncio(method, url, given, keys))


def with_wrk(method: str, url: str, given: argparse.Namespace, keys: bool) -> float:
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(
            f'wrk.method = "{method}"\nwrk.headers["Content-Type"] = "application/json"\n'
            + (f"wrk.body = [[{json.dumps(BODY)}]]\n" if method == "POST" else "")
            + (KEYS_OF_WRK if keys else "")
        )
        script.flush()
        options = ["-t1", f"-c{given.connections}", f"-d{given.seconds}", "-s", script.name]
        told = subprocess.run(["wrk", *options, url], capture_output=True, text=True).stdout
    found = re.search(r"Requests/sec:\s+([0-9.]+)", told)
    if "Non-2xx" in told or not found:
        raise SystemExit(f"{method} {url} went wrong:\n{told}")
    return float(found[1])


async def with_asyncio(method: str, url: str, given: argparse.Namespace, keys: bool) -> float:
    host, port = url.split("/")[2].split(":")
    body = json.dumps(BODY).encode() if method == "POST" else b""
    head = (
        f"{method} /{url.split('/', 3)[3]} HTTP/1.1\r\nHost: {host}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    ).encode()
    end = time.monotonic() + given.seconds

    async def client() -> int:
        reader, writer = await asyncio.open_connection(host, int(port))
        answered = 0
        while time.monotonic() < end:
            key = f"Idempotency-Key: {uuid.uuid4()}\r\n".encode() if keys else b""
            writer.write(head + key + b"\r\n" + body)
            status, answer = await read_response(reader)
            if status not in (200, 202):
                raise SystemExit(f"{method} {url} answered {status}: {answer[:200]!r}")
            answered += 1
        writer.close()
        return answered

    counts = await asyncio.gather(*(client() for _ in range(given.connections)))
    return float(sum(counts) / given.seconds)


def measure(given: argparse.Namespace, folder: Path) -> dict[tuple[str, str], list[Turn]]:
    """What each target did for each route, one turn a round."""
    redis = RedisServer(free_port(), folder)
    redis.start()
    targets: list[Target] = []
    uvicorn = [
        "--loop",
        "uvloop",
        "--http",
        "httptools",
        "--no-access-log",
        "--log-level",
        "warning",
    ]
    found: dict[tuple[str, str], list[Turn]] = {}
    try:
        targets.append(
            start("bare", ["uvicorn", "bench.bare:app", *uvicorn], free_port(), redis, folder)
        )
        targets.append(start("api", ["api"], free_port(), redis, folder))
        for number in range(given.rounds):
            for what, _ in (POST, GUARDED, GET):
                for target in targets if number % 2 else reversed(targets):
                    one = turn(target, redis, what, given)
                    found.setdefault((target.name, what), []).append(one)
                    print(
                        f"round {number + 1}  {what:<20} {target.name:<5} {one.rate:7.0f}/s "
                        f"{one.cpu_us:5.0f} us of CPU each",
                        flush=True,
                    )
    finally:
        for target in targets:
            target.process.terminate()
            target.process.wait()
        redis.stop()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="of one turn")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--no-wrk", action="store_true", help="load from this process")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(given, Path(folder))
    print()
    for what, least in (POST, GUARDED, GET):
        bare, ours = (median(found[name, what]) for name in ("bare", "api"))
        share = 100 * ours.rate / bare.rate
        verdict = "reached" if share >= least else "MISSED"
        print(
            f"{what:<20} bare {bare.rate:6.0f}/s   api {ours.rate:6.0f}/s   {share:4.0f} % "
            f"(target {least} %: {verdict})   CPU each: {bare.cpu_us:.0f} and {ours.cpu_us:.0f} us"
        )


def median(turns: list[Turn]) -> Turn:
    return Turn(
        statistics.median(turn.rate for turn in turns),
        statistics.median(turn.cpu_us for turn in turns),
    )


if __name__ == "__main__":
    main()
