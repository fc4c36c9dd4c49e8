"""What the offline model would have billed, by call id, kept apart from everybody else's books."""

import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TextIO

MOST_CALLS = 200_000
"""Call ids remembered; older ones stay in the totals and in the ledger file."""


@dataclass
class CallBill:
    """What one call id cost."""

    requests: int = 0
    billed: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    micros: int = 0
    started_at: list[float] = field(default_factory=list)
    outcome: str = ""


class Billing:
    """Counters and, when a file is given, one line of JSON for each thing billed."""

    def __init__(self, price_in: float, price_out: float, ledger: Path | None) -> None:
        self._price_in, self._price_out = price_in, price_out
        self._file: TextIO | None = ledger.open("a", buffering=1) if ledger else None
        self.calls: dict[str, CallBill] = {}
        self.total = CallBill()

    def request(self, call_id: str) -> None:
        """Somebody asked; nothing is billed yet."""
        for bill in (self._of(call_id), self.total):
            bill.requests += 1
        self._of(call_id).started_at.append(time.time())

    def bill(self, call_id: str, input_tokens: int) -> None:
        """The request was accepted: the input is paid whatever comes."""
        for bill in (self._of(call_id), self.total):
            bill.billed += 1
            bill.input_tokens += input_tokens
            bill.micros += round(input_tokens * self._price_in)
        self._write(call_id, billed=True, input_tokens=input_tokens)

    def written(self, call_id: str, output_tokens: int, outcome: str) -> None:
        """What was written in the end, also when the asker is gone."""
        for bill in (self._of(call_id), self.total):
            bill.output_tokens += output_tokens
            bill.micros += round(output_tokens * self._price_out)
        self._of(call_id).outcome = outcome
        self._write(call_id, billed=False, output_tokens=output_tokens, outcome=outcome)

    def clear(self) -> None:
        self.calls.clear()
        self.total = CallBill()

    def as_json(self) -> dict[str, Any]:
        total = asdict(self.total)
        del total["started_at"], total["outcome"]
        return {"total": total, "calls": {name: asdict(bill) for name, bill in self.calls.items()}}

    def _of(self, call_id: str) -> CallBill:
        if call_id not in self.calls:
            while len(self.calls) >= MOST_CALLS:
                del self.calls[next(iter(self.calls))]
            self.calls[call_id] = CallBill()
        return self.calls[call_id]

    def _write(self, call_id: str, **what: Any) -> None:
        if self._file:
            self._file.write(json.dumps({"at": time.time(), "call_id": call_id, **what}) + "\n")
