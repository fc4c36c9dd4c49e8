"""Measures how long a revoked API key is still accepted by another api process.

    python -m bench.revocation [--keys 100]

Two api processes share a Redis-compatible server of this program. Each key is in the cache of the
second one when the first one revokes it; the time runs from before the request that revokes it to
the first rejection by the second process (401, or 429 after ten).
"""

import argparse
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from loresmith.api.auth.key_format import id_of
from tests.integration.api_process import Api, api, new_key
from tests.servers import redis_server

TARGET_S = 1.0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--keys", type=int, default=100)
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(redis_server(folder))
        admin = new_key(server.url, folder)
        one, other = (stack.enter_context(api(server.url, folder)) for _ in range(2))
        seconds = sorted(revocation_s(one, other, admin) for _ in range(options.keys))
    p99 = seconds[max(0, round(0.99 * len(seconds)) - 1)]
    print(
        f"{len(seconds)} revocations: median {1e3 * statistics.median(seconds):.1f} ms, "
        f"p99 {1e3 * p99:.1f} ms, maximum {1e3 * seconds[-1]:.1f} ms "
        f"(target {TARGET_S:g} s: {'reached' if p99 < TARGET_S else 'MISSED'})"
    )


def revocation_s(one: Api, other: Api, admin: str) -> float:
    """Creates a key, uses it in both processes, and revokes it in the first."""
    key = one.ask("POST", "/keys", {"name": "bench"}, **bearer(admin)).json["key"]
    for running in (one, other):
        for _ in range(3):
            if running.ask("GET", "/job-types", **bearer(key)).status != 200:
                raise SystemExit("a new key is refused")
    began = time.monotonic()
    one.ask("POST", f"/keys/{id_of(key)}/revoke", **bearer(admin))
    while other.ask("GET", "/job-types", **bearer(key)).status == 200:
        pass
    return time.monotonic() - began


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


if __name__ == "__main__":
    main()
