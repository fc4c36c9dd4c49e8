"""Everything billed is counted, in all and by call id; nothing else is."""

import json
from io import StringIO

import pytest

from lore_service.offline import billing as module
from lore_service.offline.billing import Billing


def bought(billing: Billing, call_id: str, tokens_in: int = 10, tokens_out: int = 20) -> None:
    billing.request(call_id)
    billing.accepted(call_id, tokens_in)
    billing.ended(call_id, tokens_out, "delivered")


def test_one_call() -> None:
    billing = Billing()
    bought(billing, "j/s/0")
    call = billing.call("j/s/0")

    assert len(call.pop("started_at")) == 1
    assert call == {
        "requests": 1,
        "billed": 1,
        "input_tokens": 10,
        "output_tokens": 20,
        "micros": 0,
        "outcome": "delivered",
    }


def test_a_refusal_costs_nothing() -> None:
    billing = Billing(price_in=1, price_out=1)
    billing.request("c")
    billing.refused("c")

    assert (billing.call("c")["billed"], billing.call("c")["outcome"]) == (0, "refused")
    assert (billing.totals()["requests"], billing.totals()["micros"]) == (1, 0)


def test_a_second_request_of_one_call_shows() -> None:
    """Given a call that was bought twice / I expect 2: that is what an audit looks for."""
    billing = Billing()
    bought(billing, "c")
    bought(billing, "c")

    assert billing.call("c")["billed"] == 2


def test_money_is_whole_millionths() -> None:
    """Given 0.15 and 0.60 for a million tokens / I expect 1.5 and 12 millionths, each rounded."""
    billing = Billing(price_in=0.15, price_out=0.60)
    bought(billing, "c")

    assert billing.totals()["micros"] == billing.call("c")["micros"] == 2 + 12


def test_how_many_run() -> None:
    billing = Billing()
    for _ in range(3):
        billing.accepted("", 1)
    billing.ended("", 1, "left")
    assert (billing.totals()["active"], billing.totals()["most_active"]) == (2, 3)

    billing.clear()
    assert (billing.totals()["active"], billing.totals()["most_active"]) == (2, 2)


def test_memory_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given more calls than are remembered / I expect the oldest gone, and the totals whole."""
    monkeypatch.setattr(module, "MOST_CALLS", 3)
    monkeypatch.setattr(module, "MOST_STARTS", 2)
    billing = Billing()
    for number in range(5):
        bought(billing, f"c{number}")
    for _ in range(4):
        billing.request("c4")

    told = billing.as_json()
    assert list(told["calls"]) == ["c2", "c3", "c4"]
    assert told["total"]["billed"] == 5
    assert len(told["calls"]["c4"]["started_at"]) == 2


def test_who_gives_no_name_is_in_the_totals_only() -> None:
    billing = Billing()
    bought(billing, "")

    assert billing.as_json()["calls"] == {}
    assert billing.totals()["billed"] == 1


def test_the_ledger_is_a_line_for_each_thing() -> None:
    ledger = StringIO()
    for call_id in ("c", "d"):
        bought(Billing(price_out=1, ledger=ledger), call_id)
    lines = [json.loads(line) for line in ledger.getvalue().splitlines()]

    assert [(line["call_id"], line["billed"]) for line in lines] == [
        ("c", True),
        ("c", False),
        ("d", True),
        ("d", False),
    ]
    assert (lines[0]["input_tokens"], lines[1]["output_tokens"]) == (10, 20)
    assert (lines[1]["micros"], lines[1]["outcome"]) == (20, "delivered")
