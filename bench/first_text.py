"""Measures what /v1/chat/completions adds to the time to the first text, in milliseconds.

    python -m bench.first_text [--pairs 300]

The same streamed request goes straight to the offline model, whose first text takes 50 ms, and to
/v1, each on one connection that stays open. A pair is one request of each, in random order.
"""

import argparse
import http.client
import json
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.stack import stack

ANSWER_S, CHUNKS = 0.4, 8
WARM_PAIRS = 20
PAUSE_S = (0.02, 0.06)


def first_text_ms(connection: http.client.HTTPConnection, question: str) -> float:
    """Returns the time to the first text; reads the rest, too."""
    messages = [{"role": "user", "content": question}]
    body = {"model": "gpt-5-mini", "messages": messages, "stream": True}
    headers = {"Content-Type": "application/json", "Authorization": "Bearer none"}
    started_at = time.perf_counter()
    connection.request("POST", "/v1/chat/completions", json.dumps(body).encode(), headers)
    response = connection.getresponse()
    took_ms = 0.0
    while line := response.readline():
        if not took_ms and has_text(line):
            took_ms = (time.perf_counter() - started_at) * 1000
    if not took_ms:
        raise AssertionError(f"HTTP {response.status}: no text")
    return took_ms


def has_text(line: bytes) -> bool:
    if not line.startswith(b"data: {"):
        return False
    choices = json.loads(line.removeprefix(b"data: "))["choices"]
    return bool(choices and choices[0]["delta"].get("content"))


def measure(ports: Sequence[int], pairs: int) -> list[list[float]]:
    """Returns a list of times for each port."""
    connections = [http.client.HTTPConnection("127.0.0.1", port) for port in ports]
    times: list[list[float]] = [[] for _ in ports]
    for number in range(-WARM_PAIRS, pairs):
        for side in random.sample(range(len(ports)), len(ports)):
            time.sleep(random.uniform(*PAUSE_S))
            took_ms = first_text_ms(connections[side], f"Name river number {number}.")
            if number >= 0:
                times[side].append(took_ms)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=300)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="first-text-") as folder,
        stack(Path(folder), seconds=ANSWER_S, chunks=CHUNKS) as system,
    ):
        direct, ours = measure([system.offline_port, system.api_port], options.pairs)
    added = [one - other for one, other in zip(ours, direct, strict=True)]
    rows = {"straight at the provider": direct, "/v1/chat/completions": ours, "added": added}
    for name, values in rows.items():
        ranks = statistics.quantiles(values, n=100)
        print(f"{name:<26} p50 {ranks[49]:6.1f}   p90 {ranks[89]:6.1f}   p99 {ranks[98]:6.1f} ms")


if __name__ == "__main__":
    main()
