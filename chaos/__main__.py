"""Chaos: real processes, killed and paused at random moments, checked from outside.

    python -m chaos [--jobs 1500] [--rate 4] [--seed 1] [--minutes 9]

Workers, api, lore_service and the Redis-compatible server are killed -9 or paused every 0.3 to
0.9 s; a proxy in front of Redis swallows replies; the provider refuses now and then. At the end the
offline model's own ledger, the answers the clients were given, and Redis are held against each
other. Exit code 1 when anything is violated.
"""

import argparse
import json
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from chaos.audit import Audit, audit
from chaos.clients import Clients
from chaos.money import PRICES, Watcher, set_budgets
from chaos.monkey import Monkey
from chaos.powercut import PowerCut
from chaos.proxy import AckDroppingProxy
from tests.servers import RedisServer, free_port
from tests.stack import Stack, request

PROVIDER_FAULTS = [
    {"fault": "rate", "probability": 0.04},
    {"fault": "status", "status": 503, "probability": 0.02},
]


def main() -> int:
    given = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # its parts end too
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        directory = Path(given.keep or folder)
        directory.mkdir(parents=True, exist_ok=True)
        power = PowerCut(directory) if given.power_cuts else None
        server = RedisServer(free_port(), directory, env=power.environment if power else {})
        proxy = AckDroppingProxy(server.port, given.drop, given.seed)
        system = Stack(
            directory,
            seconds=given.seconds,
            workers_wanted=2,
            env=environment(proxy, given.lease),
            redis_server=server,
            prices=PRICES,
        )
        proxy.start()
        try:
            system.start()
            return run(system, proxy, power, given)
        finally:
            system.stop()
            proxy.stop()


def environment(proxy: AckDroppingProxy, lease_s: float) -> dict[str, str]:
    """Short leases, so that many recoveries fit into the time."""
    return {
        "REDIS_URL": proxy.url,
        "LORESMITH_LEASE_S": str(lease_s),
        "LORESMITH_BEAT_S": "0.3",
        "LORESMITH_RING_AGAIN_S": "1",
        "LORESMITH_SWEEP_S": "0.5",
        "LORESMITH_MAX_LOST": "1000",
        "LORE_CONFIRM_ABOVE": "2",
    }


def run(
    system: Stack, proxy: AckDroppingProxy, power: PowerCut | None, given: argparse.Namespace
) -> int:
    """One chaos run, its audit, its table."""
    for fault in PROVIDER_FAULTS:
        request("PUT", f"{system.offline_url}/faults", fault)
    set_budgets(system)
    books = Watcher(system)
    books.start()
    clients = Clients(system, given.seed, given.worlds)
    monkey = Monkey(system, proxy, given.seed, given.lease, power)
    began = time.monotonic()
    threads = clients.run(given.jobs, given.rate)
    monkey.start()
    try:
        threads[0].join(given.minutes * 60)
        clients.stop_submitting.set()
        count = len(monkey.faults)
        say(f"submitted {len(clients.told)} jobs; {count} faults so far; letting it settle")
    finally:
        monkey.stop()  # or it starts anew what is stopped
    settle(clients, given.settle)
    clients.give_up.set()
    time.sleep(given.lease)
    books.stop()
    result = audit(system, clients, monkey.faults)
    result.record("a hard budget above its limit meanwhile", books.above)
    say(f"{books.looks} looks at the books; {clients.refused} jobs refused: no room in a budget")
    report(result, clients, monkey, proxy, given, time.monotonic() - began)
    return 0 if result.clean else 1


def settle(clients: Clients, seconds: float) -> None:
    """Waits until every job is terminal, for a bounded time."""
    deadline = time.monotonic() + seconds
    while clients.unfinished and time.monotonic() < deadline:
        time.sleep(0.2)


def report(
    result: Audit, clients: Clients, monkey: Monkey, proxy: AckDroppingProxy,
    given: argparse.Namespace, seconds: float,
) -> None:  # fmt: skip
    """The figures, then a row for each invariant."""
    kinds = Counter(f"{fault.what} {fault.part}" for fault in monkey.faults)
    say(f"seed {given.seed}: {seconds:.0f} s, {len(clients.told)} jobs {result.statuses}")
    say(f"{len(monkey.faults)} faults {dict(sorted(kinds.items()))}, {proxy.dropped} lost replies")
    say(f"{result.calls} calls, {result.billed} billed, {result.unknown} declared unknown")
    if monkey.own_deaths:
        say(f"parts that ended by themselves and were restarted: {Counter(monkey.own_deaths)}")
    if len(result.recovery_s) > 1:
        ranks = statistics.quantiles(result.recovery_s, n=20)
        say(
            f"{len(result.recovery_s)} recoveries, kill to running again: p50 {ranks[9]:.1f} s, "
            f"p95 {ranks[18]:.1f} s (lease {given.lease:g} s)"
        )
    for name, found in result.violations.items():
        say(
            f"{'ok  ' if not found else 'BAD '} {len(found):>4}  {name}"
            + (f": {found[:5]}" if found else "")
        )
    total = sum(len(found) for found in result.violations.values())
    say(
        json.dumps(
            {
                "seed": given.seed,
                "jobs": len(clients.told),
                "calls": result.calls,
                "faults": len(monkey.faults) + proxy.dropped,
                "violations": total,
            }
        )
    )


def say(line: str) -> None:
    print(line, flush=True, file=sys.stdout)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m chaos",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--jobs", type=int, default=1500)
    parser.add_argument("--rate", type=float, default=4.0, help="jobs a second")
    parser.add_argument("--worlds", type=float, default=0.3, help="share of jobs with 7 calls")
    parser.add_argument("--seconds", type=float, default=0.8, help="length of a model call")
    parser.add_argument("--minutes", type=float, default=9, help="stop submitting after")
    parser.add_argument("--settle", type=float, default=120, help="seconds to come to rest")
    parser.add_argument("--lease", type=float, default=3.0, help="lease in seconds")
    parser.add_argument(
        "--drop", type=float, default=0.004, help="share of Redis replies swallowed"
    )
    parser.add_argument("--power-cuts", action="store_true", help="what was not flushed is lost")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", help="folder for logs and data, kept")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
