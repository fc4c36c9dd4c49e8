"""Counts what the offline model bills, by call id, independently of the lore service's ledger."""

import json
import time
from dataclasses import asdict, dataclass, field
from typing import Any, TextIO

MAX_CALLS = 200_000
"""Call ids in memory; older ones remain in the totals and in the ledger file."""
MAX_START_TIMES = 50
DELIVERED, CLIENT_LEFT, FAILED, ABORTED, CANCELLED = (
    "delivered", "left", "failed", "broken", "cancelled",
)  # fmt: skip
"""Outcomes of accepted requests."""
REJECTED = "refused"
"""Outcome of a request that was not billed."""


@dataclass(slots=True)
class Bill:
    """Requests, tokens and costs."""

    requests: int = 0
    billed: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    micros: int = 0
    """Millionths of the currency of the prices."""


@dataclass(slots=True)
class CallBill(Bill):
    """The bill of one call id."""

    started_at: list[float] = field(default_factory=list)
    """Unix times of its requests."""
    outcome: str = ""
    """Outcome of the last request; empty while it runs."""


class Billing:
    """Keeps counters, and appends a line of JSON to the ledger for each charge.

    A price per million tokens is a number of micros per token.
    """

    def __init__(
        self, price_in: float = 0.0, price_out: float = 0.0, ledger: TextIO | None = None
    ) -> None:
        self._price_in, self._price_out = price_in, price_out
        self._ledger = ledger
        self._calls: dict[str, CallBill] = {}
        self._total = Bill()
        self._active = self._most_active = 0

    def record_request(self, call_id: str) -> None:
        """Counts a request before it is accepted or rejected."""
        for bill in self._bills(call_id):
            bill.requests += 1
        if call_id:
            call = self._call(call_id)
            call.outcome = ""
            if len(call.started_at) < MAX_START_TIMES:
                call.started_at.append(time.time())

    def reject(self, call_id: str) -> None:
        """Records an error response that costs nothing."""
        if call_id:
            self._call(call_id).outcome = REJECTED

    def start(self, call_id: str, input_tokens: int) -> None:
        """Bills the input of an accepted request."""
        self._active += 1
        self._most_active = max(self._most_active, self._active)
        micros = round(input_tokens * self._price_in)
        for bill in self._bills(call_id):
            bill.billed += 1
            bill.input_tokens += input_tokens
            bill.micros += micros
        self._append(call_id, billed=True, input_tokens=input_tokens, micros=micros)

    def end(self, call_id: str, output_tokens: int, outcome: str) -> None:
        """Bills the output, even if the client has left."""
        self._active -= 1
        micros = round(output_tokens * self._price_out)
        for bill in self._bills(call_id):
            bill.output_tokens += output_tokens
            bill.micros += micros
        if call_id:
            self._call(call_id).outcome = outcome
        self._append(
            call_id, billed=False, output_tokens=output_tokens, micros=micros, outcome=outcome
        )

    def clear(self) -> None:
        """Resets the counters, except the number of active requests."""
        self._calls.clear()
        self._total = Bill()
        self._most_active = self._active

    def totals(self) -> dict[str, Any]:
        return {**asdict(self._total), "active": self._active, "most_active": self._most_active}

    def call(self, call_id: str) -> dict[str, Any]:
        """Returns the bill of one call id; zeros if it is unknown."""
        return asdict(self._calls.get(call_id) or CallBill())

    def as_json(self) -> dict[str, Any]:
        calls = {call_id: asdict(bill) for call_id, bill in self._calls.items()}
        return {"total": self.totals(), "calls": calls}

    def _bills(self, call_id: str) -> tuple[Bill, ...]:
        return (self._total, self._call(call_id)) if call_id else (self._total,)

    def _call(self, call_id: str) -> CallBill:
        if (call := self._calls.get(call_id)) is not None:
            return call
        while len(self._calls) >= MAX_CALLS:
            del self._calls[next(iter(self._calls))]
        return self._calls.setdefault(call_id, CallBill())

    def _append(self, call_id: str, **charge: Any) -> None:
        if self._ledger:
            self._ledger.write(json.dumps({"at": time.time(), "call_id": call_id, **charge}) + "\n")
