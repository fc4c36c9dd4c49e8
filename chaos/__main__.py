"""Kills and pauses real processes at random moments, and checks the result from outside.

    python -m chaos [--jobs 1500] [--rate 4] [--seed 1] [--minutes 9]

Workers, api, lore_service and the Redis-compatible server are killed -9 or paused every 0.3 to
0.9 s; a proxy in front of Redis drops replies; the provider fails sometimes. At the end the offline
model's own ledger, the responses to the clients, and Redis are compared. Exits with 1 on any
violation.
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
from chaos.budgets import PRICES, BudgetWatcher, set_budgets
from chaos.clients import Clients
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
    options = arguments()
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM)
    )  # stops its processes too
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        directory = Path(options.keep or folder)
        directory.mkdir(parents=True, exist_ok=True)
        power = PowerCut(directory) if options.power_cuts else None
        server = RedisServer(free_port(), directory, env=power.environment if power else {})
        proxy = AckDroppingProxy(server.port, options.drop, options.seed)
        system = Stack(
            directory,
            seconds=options.seconds,
            workers_wanted=2,
            env=environment(proxy, options.lease),
            redis_server=server,
            prices=PRICES,
        )
        proxy.start()
        try:
            system.start()
            return run(system, proxy, power, options)
        finally:
            system.stop()
            proxy.stop()


def environment(proxy: AckDroppingProxy, lease_s: float) -> dict[str, str]:
    """Sets short leases, so that many recoveries fit into the time."""
    return {
        "REDIS_URL": proxy.url,
        "LORESMITH_LEASE_S": str(lease_s),
        "LORESMITH_HEARTBEAT_INTERVAL_S": "0.3",
        "LORESMITH_REQUEUE_AFTER_S": "1",
        "LORESMITH_RECONCILE_INTERVAL_S": "0.5",
        "LORESMITH_MAX_WORKER_LOSSES": "1000",
        "LORESMITH_CONFIRM_COST_ABOVE": "2",
    }


def run(
    system: Stack, proxy: AckDroppingProxy, power: PowerCut | None, options: argparse.Namespace
) -> int:
    """Runs chaos, audits the result and prints the table."""
    for fault in PROVIDER_FAULTS:
        request("PUT", f"{system.offline_url}/faults", fault)
    set_budgets(system)
    watcher = BudgetWatcher(system)
    watcher.start()
    clients = Clients(system, options.seed, options.worlds)
    monkey = Monkey(system, proxy, options.seed, options.lease, power)
    started_at = time.monotonic()
    threads = clients.run(options.jobs, options.rate)
    monkey.start()
    try:
        threads[0].join(options.minutes * 60)
        clients.stop_submitting.set()
        count = len(monkey.faults)
        print_line(
            f"submitted {len(clients.jobs)} jobs; {count} faults; waiting for the jobs to end"
        )
    finally:
        monkey.stop()  # before anything else stops, or it would start it again
    settle(clients, monkey, options.settle)
    clients.give_up.set()
    time.sleep(options.lease)
    watcher.stop()
    result = audit(system, clients, monkey.faults)
    result.record("hard budget above its limit during the run", watcher.above)
    print_line(f"{watcher.checks} budget checks; {clients.refused} jobs refused by a budget")
    report(result, clients, monkey, proxy, options, time.monotonic() - started_at)
    return 0 if result.clean else 1


def settle(clients: Clients, monkey: Monkey, seconds: float) -> None:
    """Waits until every job is terminal, for a bounded time.

    A process that started while Redis was down may end a little after the last fault.
    """
    deadline = time.monotonic() + seconds
    while clients.unfinished and time.monotonic() < deadline:
        monkey.revive()
        time.sleep(0.2)


def report(
    result: Audit, clients: Clients, monkey: Monkey, proxy: AckDroppingProxy,
    options: argparse.Namespace, seconds: float,
) -> None:  # fmt: skip
    """Prints the figures, then a row for each invariant."""
    fault_counts = Counter(f"{fault.what} {fault.part}" for fault in monkey.faults)
    print_line(f"seed {options.seed}: {seconds:.0f} s, {len(clients.jobs)} jobs {result.statuses}")
    faults = dict(sorted(fault_counts.items()))
    print_line(f"{len(monkey.faults)} faults {faults}, {proxy.dropped} lost replies")
    print_line(f"{result.calls} calls, {result.billed} billed, {result.unknown} declared unknown")
    if monkey.own_deaths:
        print_line(
            f"processes that ended by themselves and were restarted: {Counter(monkey.own_deaths)}"
        )
    if len(result.recovery_s) > 1:
        ranks = statistics.quantiles(result.recovery_s, n=20)
        print_line(
            f"{len(result.recovery_s)} recoveries, kill to running again: p50 {ranks[9]:.1f} s, "
            f"p95 {ranks[18]:.1f} s (lease {options.lease:g} s)"
        )
    for name, violations in result.violations.items():
        print_line(
            f"{'ok  ' if not violations else 'BAD '} {len(violations):>4}  {name}"
            + (f": {violations[:5]}" if violations else "")
        )
    total = sum(len(violations) for violations in result.violations.values())
    print_line(
        json.dumps(
            {
                "seed": options.seed,
                "jobs": len(clients.jobs),
                "calls": result.calls,
                "faults": len(monkey.faults) + proxy.dropped,
                "violations": total,
            }
        )
    )


def print_line(line: str) -> None:
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
    parser.add_argument("--minutes", type=float, default=9, help="minutes of submitting")
    parser.add_argument("--settle", type=float, default=120, help="seconds for all jobs to end")
    parser.add_argument("--lease", type=float, default=3.0, help="lease in seconds")
    parser.add_argument("--drop", type=float, default=0.004, help="share of dropped Redis replies")
    parser.add_argument("--power-cuts", action="store_true", help="lose unflushed data")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", help="folder for logs and data")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
