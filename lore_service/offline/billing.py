"""What the offline model would have billed, by call id, kept apart from everybody else's books."""

import json
import time
from dataclasses import asdict, dataclass, field
from typing import Any, TextIO

MOST_CALLS = 200_000
"""Call ids remembered; older ones stay in the totals and in the ledger file."""
MOST_STARTS = 50
"""Times remembered for one call id."""


@dataclass(slots=True)
class Bill:
    """What was asked for, and what it cost."""

    requests: int = 0
    billed: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    micros: int = 0
    """Millionths of the currency that the prices are in."""


@dataclass(slots=True)
class CallBill(Bill):
    """The bill of one call id."""

    started_at: list[float] = field(default_factory=list)
    """When it was asked for, in seconds since 1970."""
    outcome: str = ""
    """How the last request ended; "" while it runs."""


class Billing:
    """Counters and, when a line-buffered file is given, a line of JSON for each thing billed.

    Prices are per million tokens, which makes them millionths per token.
    """

    def __init__(
        self, price_in: float = 0.0, price_out: float = 0.0, ledger: TextIO | None = None
    ) -> None:
        self._price_in, self._price_out = price_in, price_out
        self._ledger = ledger
        self._calls: dict[str, CallBill] = {}
        self.total = Bill()
        self.active = self.most_active = 0

    def request(self, call_id: str) -> None:
        """Somebody asked; nothing is billed yet."""
        for bill in self._bills(call_id):
            bill.requests += 1
        if call_id:
            call = self._call(call_id)
            call.outcome = ""
            if len(call.started_at) < MOST_STARTS:
                call.started_at.append(time.time())

    def refused(self, call_id: str) -> None:
        """It was answered with an error in place of a text, before any work."""
        if call_id:
            self._call(call_id).outcome = "refused"

    def accepted(self, call_id: str, input_tokens: int) -> None:
        """The work begins: the input is paid, whatever comes."""
        self.active += 1
        self.most_active = max(self.most_active, self.active)
        micros = round(input_tokens * self._price_in)
        for bill in self._bills(call_id):
            bill.billed += 1
            bill.input_tokens += input_tokens
            bill.micros += micros
        self._write(call_id, billed=True, input_tokens=input_tokens, micros=micros)

    def ended(self, call_id: str, output_tokens: int, outcome: str) -> None:
        """The work is over: what was written is paid, also when the asker is gone."""
        self.active -= 1
        micros = round(output_tokens * self._price_out)
        for bill in self._bills(call_id):
            bill.output_tokens += output_tokens
            bill.micros += micros
        if call_id:
            self._call(call_id).outcome = outcome
        self._write(
            call_id, billed=False, output_tokens=output_tokens, micros=micros, outcome=outcome
        )

    def clear(self) -> None:
        """Counts from zero; what runs goes on being counted as running."""
        self._calls.clear()
        self.total = Bill()
        self.most_active = self.active

    def totals(self) -> dict[str, Any]:
        return {**asdict(self.total), "active": self.active, "most_active": self.most_active}

    def call(self, call_id: str) -> dict[str, Any]:
        """The bill of one call id; zeros if it was never heard of."""
        return asdict(self._calls.get(call_id) or CallBill())

    def as_json(self) -> dict[str, Any]:
        calls = {call_id: asdict(bill) for call_id, bill in self._calls.items()}
        return {"total": self.totals(), "calls": calls}

    def _bills(self, call_id: str) -> tuple[Bill, ...]:
        return (self.total, self._call(call_id)) if call_id else (self.total,)

    def _call(self, call_id: str) -> CallBill:
        if (found := self._calls.get(call_id)) is not None:
            return found
        while len(self._calls) >= MOST_CALLS:
            del self._calls[next(iter(self._calls))]
        return self._calls.setdefault(call_id, CallBill())

    def _write(self, call_id: str, **what: Any) -> None:
        if self._ledger:
            self._ledger.write(json.dumps({"at": time.time(), "call_id": call_id, **what}) + "\n")
