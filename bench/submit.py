"""Compares POST /jobs and GET /jobs/{id} of the api with bare routes of one EVALSHA, one HGETALL,
and POST /jobs with an idempotency key and three budgets.

    python -m bench.submit [--rounds 5] [--seconds 3] [--connections 64]

Both run under the same uvicorn on a Redis-compatible server of this program (appendonly, fsync
always) and take turns; the server is emptied before each turn. `wrk` generates the load where it is
installed, otherwise this process does. The api enqueues and reconciles, but no worker runs.
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
from collections.abc import Mapping
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
"""Measured routes, and the minimal share of the bare route's rate in per cent."""


@dataclass
class Target:
    """One of the two servers under test."""

    name: str
    url: str
    process: "subprocess.Popen[bytes]"

    def make_job(self) -> str:
        status, job = request("POST", f"{self.url}/jobs", BODY)
        if status != 202:
            raise SystemExit(f"{self.name}: POST /jobs answered {status}: {job}")
        return str(job["id"])


def start(name: str, module: list[str], port: int, redis: RedisServer, folder: Path) -> Target:
    """Runs a server process on a free port; enters when it listens."""
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
    """The result of one target on one route."""

    rate: float
    """Requests per second."""
    cpu_us: float
    """CPU of the server process per request, in microseconds."""


def turn(target: Target, redis: RedisServer, what: str, options: argparse.Namespace) -> Turn:
    """Measures one target and one route, on an empty server."""
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
        rate = load("GET", f"{target.url}/jobs/{job_id}", options)
    else:
        rate = load("POST", f"{target.url}/jobs", options, keys=what == GUARDED[0])
    used = cpu_seconds([target.process.pid]) - before
    return Turn(rate, 1e6 * used / (rate * options.seconds))


def load(
    method: str,
    url: str,
    options: argparse.Namespace,
    *,
    keys: bool = False,
    headers: Mapping[str, str] | None = None,
) -> float:
    """Returns requests per second; with `keys` each has its own Idempotency-Key."""
    sent = {"Content-Type": "application/json"} | dict(headers or {})
    if shutil.which("wrk") and not options.no_wrk:
        return with_wrk(method, url, options, keys, sent)
    return asyncio.run(with_asyncio(method, url, options, keys, sent))


def with_wrk(
    method: str, url: str, options: argparse.Namespace, keys: bool, headers: Mapping[str, str]
) -> float:
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(
            f'wrk.method = "{method}"\n'
            + "".join(f'wrk.headers["{name}"] = "{value}"\n' for name, value in headers.items())
            + (f"wrk.body = [[{json.dumps(BODY)}]]\n" if method == "POST" else "")
            + (KEYS_OF_WRK if keys else "")
        )
        script.flush()
        arguments = ["-t1", f"-c{options.connections}", f"-d{options.seconds}", "-s", script.name]
        output = subprocess.run(["wrk", *arguments, url], capture_output=True, text=True).stdout
    rate = re.search(r"Requests/sec:\s+([0-9.]+)", output)
    if "Non-2xx" in output or not rate:
        raise SystemExit(f"{method} {url} failed:\n{output}")
    return float(rate[1])


async def with_asyncio(
    method: str, url: str, options: argparse.Namespace, keys: bool, headers: Mapping[str, str]
) -> float:
    host, port = url.split("/")[2].split(":")
    body = json.dumps(BODY).encode() if method == "POST" else b""
    head = (
        f"{method} /{url.split('/', 3)[3]} HTTP/1.1\r\nHost: {host}\r\n"
        f"Content-Length: {len(body)}\r\n"
        + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    ).encode()
    end = time.monotonic() + options.seconds

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

    counts = await asyncio.gather(*(client() for _ in range(options.connections)))
    return float(sum(counts) / options.seconds)


def measure(options: argparse.Namespace, folder: Path) -> dict[tuple[str, str], list[Turn]]:
    """Measures each target and route once a round."""
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
    turns: dict[tuple[str, str], list[Turn]] = {}
    try:
        targets.append(
            start("bare", ["uvicorn", "bench.bare:app", *uvicorn], free_port(), redis, folder)
        )
        targets.append(start("api", ["api"], free_port(), redis, folder))
        for number in range(options.rounds):
            for what, _ in (POST, GUARDED, GET):
                for target in targets if number % 2 else reversed(targets):
                    result = turn(target, redis, what, options)
                    turns.setdefault((target.name, what), []).append(result)
                    print(
                        f"round {number + 1}  {what:<20} {target.name:<5} {result.rate:7.0f}/s "
                        f"{result.cpu_us:5.0f} us of CPU each",
                        flush=True,
                    )
    finally:
        for target in targets:
            target.process.terminate()
            target.process.wait()
        redis.stop()
    return turns


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="duration of one turn")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--no-wrk", action="store_true", help="load from this process")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        turns = measure(options, Path(folder))
    print()
    for what, least in (POST, GUARDED, GET):
        bare, ours = (median(turns[name, what]) for name in ("bare", "api"))
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
