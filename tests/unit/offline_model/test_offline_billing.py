"""Billing counts every charge in the totals and by call id."""

import json
from io import StringIO

import pytest

from loresmith.offline_model.server import billing as billing_module
from loresmith.offline_model.server.billing import Billing


def buy(billing: Billing, call_id: str, tokens_in: int = 10, tokens_out: int = 20) -> None:
    billing.record_request(call_id)
    billing.start(call_id, tokens_in)
    billing.end(call_id, tokens_out, "delivered")


def test_the_bill_of_one_call() -> None:
    billing = Billing()
    buy(billing, "j/s/0")
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


def test_a_rejected_request_costs_nothing() -> None:
    billing = Billing(price_in=1, price_out=1)
    billing.record_request("c")
    billing.reject("c")

    assert (billing.call("c")["billed"], billing.call("c")["outcome"]) == (0, "refused")
    assert (billing.totals()["requests"], billing.totals()["micros"]) == (1, 0)


def test_a_duplicate_charge_is_counted() -> None:
    billing = Billing()
    buy(billing, "c")
    buy(billing, "c")

    assert billing.call("c")["billed"] == 2


def test_micros_are_rounded_for_each_charge() -> None:
    """Given 0.15 and 0.60 per million tokens / I expect 1.5 and 12 micros, each rounded."""
    billing = Billing(price_in=0.15, price_out=0.60)
    buy(billing, "c")

    assert billing.totals()["micros"] == billing.call("c")["micros"] == 2 + 12


def test_active_requests() -> None:
    billing = Billing()
    for _ in range(3):
        billing.start("", 1)
    billing.end("", 1, "left")
    assert (billing.totals()["active"], billing.totals()["most_active"]) == (2, 3)

    billing.clear()
    assert (billing.totals()["active"], billing.totals()["most_active"]) == (2, 2)


def test_calls_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given too many calls / I expect the oldest removed, and complete totals."""
    monkeypatch.setattr(billing_module, "MAX_CALLS", 3)
    monkeypatch.setattr(billing_module, "MAX_START_TIMES", 2)
    billing = Billing()
    for number in range(5):
        buy(billing, f"c{number}")
    for _ in range(4):
        billing.record_request("c4")

    counters = billing.as_json()
    assert list(counters["calls"]) == ["c2", "c3", "c4"]
    assert counters["total"]["billed"] == 5
    assert len(counters["calls"]["c4"]["started_at"]) == 2


def test_requests_without_a_call_id_are_in_the_totals_only() -> None:
    billing = Billing()
    buy(billing, "")

    assert billing.as_json()["calls"] == {}
    assert billing.totals()["billed"] == 1


def test_the_ledger_has_a_line_for_each_charge() -> None:
    ledger = StringIO()
    for call_id in ("c", "d"):
        buy(Billing(price_out=1, ledger=ledger), call_id)
    lines = [json.loads(line) for line in ledger.getvalue().splitlines()]

    assert [(line["call_id"], line["billed"]) for line in lines] == [
        ("c", True),
        ("c", False),
        ("d", True),
        ("d", False),
    ]
    assert (lines[0]["input_tokens"], lines[1]["output_tokens"]) == (10, 20)
    assert (lines[1]["micros"], lines[1]["outcome"]) == (20, "delivered")
