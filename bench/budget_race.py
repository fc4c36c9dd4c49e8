"""200 clients at once at the limit of three overlapping budgets (user, team, global), many rounds.

    python -m bench.budget_race [--rounds 100] [--clients 200]

On a Redis-compatible server of the program's own. Each client submits, and sends the same again as
if the answer had been lost; runs two calls, ends before or after them, retries, deletes. All the
while a watcher reads the books. It exits with 1 when a budget was ever over its limit, when money
is held for nothing at the end of a round, or when the books and the ledger differ.
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
    given = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, redis_server(Path(folder)) as server:
        client = Redis.from_url(
            server.url, decode_responses=True, max_connections=given.clients + 10
        )
        rounds = [race(client, given.clients, seed) for seed in range(given.rounds)]
    answers: Counter[str] = sum((each.answers for each in rounds), Counter())
    print(f"{given.rounds} rounds of {given.clients} in {time.monotonic() - began:.0f} s")
    print("answers:", ", ".join(f"{word} {number}" for word, number in answers.most_common()))
    print(f"looks at the books: {sum(each.looks for each in rounds)}")
    wrong = [words for number, each in enumerate(rounds) for words in faults(number, each)]
    print("\n".join(wrong) if wrong else "never over a limit; nothing held at rest; books = ledger")
    sys.exit(1 if wrong else 0)


def faults(number: int, found: Round) -> list[str]:
    """What went wrong in a round, a line each."""
    told = [f"over its limit: {words}" for words in found.overruns[:3]]
    told += [f"still held: {found.left}"] if found.left else []
    told += [f"spent {found.spent}, paid {found.paid}"] if found.spent != found.paid else []
    return [f"round {number}: {words}" for words in told]


if __name__ == "__main__":
    main()
