"""Budgets: what keeps them from being overrun, and money from being held for nothing."""

from tests.mutants.mutant import Mutant, lua

UNIT = "tests/unit/api"

MUTANTS: list[Mutant] = [
    lua(
        "_budgets",
        "what is reserved does not count",
        "budget.spent + budget.reserved + most",
        "budget.spent + most",
    ),
    lua(
        "_budgets",
        "what is spent does not count",
        "budget.spent + budget.reserved + most",
        "budget.reserved + most",
    ),
    lua(
        "_budgets",
        "the limit itself is too much",
        "+ most > budget.limit",
        "+ most >= budget.limit",
    ),
    lua("_budgets", "soft ones refuse", "if budget.hard and over then", "if over then"),
    lua(
        "_budgets",
        "no cap for a job",
        "budget.cap and most > budget.cap and 'per_job_cap'",
        "false",
    ),
    lua(
        "_budgets",
        "the first budget alone is held in",
        "spends[#spends + 1] = budget.spend",
        "spends[1] = budget.spend",
    ),
    lua("_budgets", "a hold is given back twice", "  redis.call('HDEL', 'reserved', holder)\n"),
    lua(
        "_budgets",
        "a hold is forgotten, not given back",
        "  add(spends, 'reserved', -tonumber(micros))\n",
    ),
    lua(
        "_budgets",
        "figures are kept for ever",
        " == micros then keep(spend) end",
        " == 0 then keep(spend) end",
    ),
    lua("_windows", "a month has 31 days", "first + 33 - too_far", "first + 31"),
    lua(
        "_windows",
        "days begin in UTC",
        "return days * DAY_MS - ahead(offsets, days * DAY_MS - ahead(offsets, days * DAY_MS))",
        "return days * DAY_MS",
    ),
    lua(
        "_money",
        "the unknown costs nothing",
        "state == 'intent' or state == 'unknown'",
        "state == 'intent'",
    ),
    lua(
        "_money",
        "a cancelled call costs nothing",
        "state == 'done' or state == 'cancelled'",
        "state == 'done'",
    ),
    lua(
        "_money",
        "a call in flight holds nothing",
        "if spends and open then hold(call_id, micros, spends) end",
    ),
    lua(
        "_money",
        "nothing is booked at the end",
        "if spends and not open then add(spends, 'spent', micros) end",
    ),
    lua(
        "_money",
        "a row is booked at every end",
        "if redis.call('HEXISTS', row, 'spends') == 0 then",
        "if true then",
    ),
    lua(
        "_money",
        "a late word does not end a hold",
        "    let_go(call_id)\n    local micros = worth(row)",
        "    local micros = worth(row)",
    ),
    lua(
        "_money",
        "an unknown price is nothing",
        "    if priceless then unpriced = unpriced + 1 end\n",
    ),
    lua(
        "_money",
        "calls in flight are paid at once",
        "    if open and active then micros, priceless = 0, false end\n",
    ),
    lua("call_settle", "the cost is not told", "note_cost(ARGV[1], now)\n", "\n"),
    lua("call_reap", "the cost is not told", "    note_cost(call_id, now)\n"),
    lua("_money", "no bill before the end", "  redis.call('HSET', job, unpack(told))\n"),
    lua("_money", "a late word is added, not corrected", "micros - seen[2]", "micros"),
    lua(
        "_money",
        "what nobody knows costs nothing",
        "if micros then add(spends, 'spent', micros) end",
    ),
    lua("_life", "an end settles nothing", "  settle(id)\n"),
    lua("_life", "an end is not archived", "  post(id)\n"),
    lua("submit", "nothing is held", "hold(id, tonumber(ARGV[7]), spends)\n"),
    lua("submit", "refused and made", "if refused then return refused end\n"),
    lua("retry", "a retry holds nothing", "hold(id, most, spends)\n"),
    lua(
        "retry",
        "a retry holds what is paid already",
        "most = math.max(0, most - tonumber(row[3] or 0))",
        "most = most",
    ),
    lua("retry", "refused and run", "if refused then return refused end\n"),
    lua("sweep", "a lost job keeps its money", "      settle(id)\n"),
    lua("call_settle", "a call that outlived its job keeps its money", "settle_late(ARGV[1])\n"),
    lua("call_settle", "an expired row keeps its money", "  forfeit(ARGV[1])\n"),
    lua("call_reap", "a call given up keeps its money", "    settle_late(call_id)\n"),
    lua("holds", "takes the money of the living", "seen[1] ~= 'pending' and ", ""),
    lua(
        "holds", "takes the money of calls in flight", "is_call and seen[2] ~= 'intent'", "is_call"
    ),
    lua("budget_set", "counts what was spent before again", "'HSETNX'", "'HSET'"),
    Mutant(
        "outbox: taken out before it is written",
        "api/outbox.py",
        "            self._archive.prepare()\n",
        "            self._redis.xdel(keys.OUTBOX, *(entry for entry, _ in page))\n"
        "            self._archive.prepare()\n",
        (f"{UNIT}/test_api_usage.py",),
    ),
    Mutant(
        "history: an older word wins",
        "archive/history.py",
        "JobRow.revision < insert.excluded.revision",
        "JobRow.revision != insert.excluded.revision",
        ("tests/integration/archive/test_archive_history.py",),
    ),
]
