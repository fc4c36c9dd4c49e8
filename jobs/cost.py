"""What a job costs, as clients see it: before, during and after. Inside it is micro-dollars."""

from collections.abc import Mapping
from typing import Any

from jobs.states import ACTIVE, Status

MICROS = 1_000_000
CURRENCY = "USD"


def dollars(micros: int | str | None) -> float | None:
    """Micro-dollars as dollars; None for None."""
    return None if micros is None else int(micros) / MICROS


def micros(dollars: float) -> int:
    """Dollars as micro-dollars, rounded to the nearest."""
    return round(dollars * MICROS)


def cost(record: Mapping[str, str]) -> dict[str, Any]:
    """The `cost` of a job."""
    active = record["status"] in ACTIVE
    return {
        "currency": CURRENCY,
        "estimate": dollars(record.get("estimate_micros")),
        "estimate_max": dollars(record.get("max_micros")),
        "reserved": dollars(record.get("reserved_micros", "0") if active else "0"),
        "actual": actual(
            record.get("spent_micros", "" if active else "0"), record.get("unpriced", 0)
        ),
        "state": _state(record, active),
    }


def actual(spent: str | None, unpriced: str | int) -> float | None:
    """What was spent, so far or in all, in dollars; None where it is not said, or where a call was
    made that has no price.
    """
    return None if int(unpriced) else dollars(spent or None)


def _state(record: Mapping[str, str], active: bool) -> str:
    if not active:
        return "at_most" if int(record.get("exposed_micros", 0)) else "final"
    if record["status"] == Status.PROCESSING:
        return "running"
    return "reserved" if "reserved_micros" in record else "estimated"
