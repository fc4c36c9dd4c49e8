"""Days and months of budgets: what Lua counts against what Python's zones say."""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from fakeredis import FakeRedis, FakeServer
from hypothesis import given, settings
from hypothesis import strategies as st

from loresmith.jobs.costs.budgets import offsets
from loresmith.jobs.store.scripts import PRELUDE, with_prelude

ASK = with_prelude(
    "local name, from, till = window_of(ARGV[1], ARGV[2], tonumber(ARGV[3]))\n"
    "return { name, integer_text(from), integer_text(till) }"
)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ZONES = ("UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Auckland", "Asia/Kathmandu")

scenarios = st.datetimes(datetime(2026, 11, 23), datetime(2031, 1, 1), timezones=st.just(UTC))


REDIS = FakeRedis(server=FakeServer(), decode_responses=True)
told_once = cache(offsets)


def window(kind: str, zone: str, at: datetime) -> tuple[str, int, int]:
    reply = REDIS.eval(ASK, 0, kind, told_once(zone, NOW), str(int(at.timestamp() * 1000)))
    return str(reply[0]), int(reply[1]), int(reply[2])


def ms(scenario: datetime) -> int:
    return int(scenario.timestamp() * 1000)


@pytest.mark.parametrize("zone", ZONES)
@given(at=scenarios)
@settings(max_examples=50)
def test_a_day_is_from_midnight_to_midnight_there(zone: str, at: datetime) -> None:
    here = at.astimezone(ZoneInfo(zone))
    first = here.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    end = first + timedelta(days=1)  # as clocks on the wall count, so 23 or 25 h where they change

    assert window("day", zone, at) == (here.date().isoformat(), ms(first), ms(end))


@pytest.mark.parametrize("zone", ZONES)
@given(at=scenarios)
@settings(max_examples=50)
def test_a_month_is_from_its_first_to_the_next_one(zone: str, at: datetime) -> None:
    here = at.astimezone(ZoneInfo(zone))
    first = here.replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
    end = (first + timedelta(days=32)).replace(day=1)

    assert window("month", zone, at) == (f"{here:%Y-%m}", ms(first), ms(end))


def test_a_total_never_ends() -> None:
    assert window("total", "UTC", NOW) == ("total", 0, 0)
    assert "windows" in PRELUDE
