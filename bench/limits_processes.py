"""Runs two lore_services and three workers before a provider whose rate limit falls.

    python -m bench.limits_processes [--seconds 200]

All are real processes; the answers, of 10 s, come from the offline model. The provider counts
requests in a bucket of 5 s: 600 a minute, from the middle of the run 240. It sends no headers and
no Retry-After, and nothing is configured. Prints the share of the allowed requests that was used,
that of the sent ones that was refused, and the requests sent for each one served.
"""

import argparse
import asyncio
import json
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from threading import Thread

from bench.load import post_many
from tests.limited_provider import LimitedProvider
from tests.servers import free_port
from tests.stack import Stack, listens
from tests.waiting import wait_until

LIMITS = (600, 240)
BURST_S = 5.0
ANSWER_S = 10.0


class ChangingProvider(LimitedProvider):
    """Counts requests in a bucket, whose rate changes in the middle."""

    says_retry_after = False

    def __init__(self, seconds: float) -> None:
        super().__init__(at_once=0, per_window=0, window_s=0)
        self.accepted = 0
        self.began_at = 0.0
        """Time of the first request."""
        self._seconds = seconds
        self._left, self._at = LIMITS[0] * BURST_S / 60, 0.0

    def admit(self) -> float:
        with self._lock:
            now = time.monotonic()
            self.began_at = self.began_at or now
            if now - self.began_at > self._seconds:
                return 1.0
            limit = LIMITS[now - self.began_at > self._seconds / 2]
            filled = self._left + limit * (now - (self._at or now)) / 60
            self._left, self._at = min(limit * BURST_S / 60, filled), now
            self.requests += 1
            if self._left < 1:
                return 1.0
            self._left -= 1
            self._running += 1
            self.accepted += 1
            return 0.0


class TwoServices(Stack):
    """A stack with a second lore_service, which serves the second worker."""

    def _add_parts(self) -> None:
        super()._add_parts()
        port = free_port()
        address = {"LORESMITH_LORE_SERVICE_ADDRESS": f"127.0.0.1:{port}"}
        self._add("lore2", self["lore"].command, lambda: listens(port))
        for name in ("lore2", "worker2"):
            self[name].env = self[name].env | address


def run(seconds: float, directory: Path) -> ChangingProvider:
    """Runs more jobs than the provider allows, for so long."""
    provider = ChangingProvider(seconds)
    with ExitStack() as closing:
        closing.callback(provider.server_close)
        Thread(target=provider.serve_forever, daemon=True).start()
        closing.callback(provider.shutdown)
        env = {"OPENAI_BASE_URL": provider.url}
        system = TwoServices(directory, seconds=ANSWER_S, workers_wanted=3, env=env)
        closing.callback(system.stop)
        system.start()
        provider.upstream_port = system.offline_port
        body = json.dumps({"type": "generate_relics", "payload": {"theme": "x", "count": 1}})
        jobs = int(1.3 * sum(LIMITS) * seconds / 120)
        asyncio.run(post_many(system.url + "/jobs", body.encode(), jobs))
        wait_until(lambda: provider.began_at > 0, "the first request", timeout=30)
        end = provider.began_at + seconds
        wait_until(lambda: time.monotonic() > end, "the run is over", timeout=seconds + 10)
        requests, accepted = provider.requests, provider.accepted
    provider.requests, provider.accepted = requests, accepted
    return provider


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=200)
    seconds = arguments.parse_args().seconds
    with tempfile.TemporaryDirectory() as folder:
        provider = run(seconds, Path(folder))
    allowed = sum(LIMITS) * seconds / 120
    refused = provider.requests - provider.accepted
    print(
        f"{provider.accepted / allowed:.1%} of {allowed:.0f} used, "
        f"{refused / provider.requests:.2%} refused, "
        f"{provider.requests / provider.accepted:.3f} requests for each one served"
    )


if __name__ == "__main__":
    main()
