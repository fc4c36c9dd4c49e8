"""Measures the time from POST to a visible `processing` on an idle system, in milliseconds.

    python -m bench.latency [--jobs 200]

Jobs come one at a time with an idle pause between; the client polls GET /jobs/{id} on a kept-alive
connection without pausing, as fast as the api answers.
"""

import argparse
import http.client
import json
import random
import statistics
import tempfile
import time
from pathlib import Path

from tests.stack import Stack


def run_job(connection: http.client.HTTPConnection) -> tuple[float, float]:
    """Returns the milliseconds until the 202 and until `processing` is visible."""
    body = json.dumps({"type": "generate_characters", "payload": {"theme": "fantasy"}})
    started_at = time.perf_counter()
    connection.request("POST", "/jobs", body, {"Content-Type": "application/json"})
    job = json.loads(connection.getresponse().read())
    answered = time.perf_counter()
    while job["status"] == "pending":
        connection.request("GET", f"/jobs/{job['id']}")
        job = json.loads(connection.getresponse().read())
    return (answered - started_at) * 1000, (time.perf_counter() - started_at) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--jobs", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        system = Stack(Path(folder), seconds=0.05)
        try:
            system.start()
            connection = http.client.HTTPConnection("127.0.0.1", system.api_port)
            run_job(connection)
            samples = []
            for _ in range(options.jobs):
                time.sleep(random.uniform(0.1, 0.2))
                samples.append(run_job(connection))
        finally:
            system.stop()
    for name, values in zip(
        ("POST answered", "processing seen"), zip(*samples, strict=True), strict=True
    ):
        ranks = statistics.quantiles(values, n=100)
        print(f"{name:<16} p50 {ranks[49]:6.1f}   p90 {ranks[89]:6.1f}   p99 {ranks[98]:6.1f} ms")


if __name__ == "__main__":
    main()
