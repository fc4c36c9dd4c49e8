"""Races 200 clients at the limit of three overlapping budgets (user, team, global), many rounds.

    python -m bench.budget_race [--rounds 100] [--clients 200]

On a Redis-compatible server of the program's own. Each client submits, resubmits as if the
response had been lost, runs two calls, ends before or after them, retries and deletes. Meanwhile
a watcher reads the budgets. Exits with 1 when a budget was ever over its limit, when a reservation
is left at the end of a round, or when the budgets and the ledger differ.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from redis import Redis

from tests.servers import redis_server
from tests.store.money_race import Round, race


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--clients", type=int, default=200)
    options = parser.parse_args()
    started_at = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, redis_server(Path(folder)) as server:
        client = Redis.from_url(
            server.url, decode_responses=True, max_connections=options.clients + 10
        )
        rounds = [race(client, options.clients, seed) for seed in range(options.rounds)]
    answers: Counter[str] = sum((each.answers for each in rounds), Counter())
    print(f"{options.rounds} rounds of {options.clients} in {time.monotonic() - started_at:.0f} s")
    print("answers:", ", ".join(f"{word} {number}" for word, number in answers.most_common()))
    print(f"budget checks: {sum(each.looks for each in rounds)}")
    violations = [line for number, each in enumerate(rounds) for line in faults(number, each)]
    print("\n".join(violations) or "never over a limit; no reservation left; budgets = ledger")
    sys.exit(1 if violations else 0)


def faults(number: int, result: Round) -> list[str]:
    """Returns the violations of a round, a line each."""
    lines = [f"over its limit: {overrun}" for overrun in result.overruns[:3]]
    lines += [f"reservations left: {result.left}"] if result.left else []
    lines += [f"spent {result.spent}, paid {result.paid}"] if result.spent != result.paid else []
    return [f"round {number}: {line}" for line in lines]


if __name__ == "__main__":
    main()
