"""A provider that works in the background: a call outlives the lore_service that asked for it."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.lore_house import House, Refused, house
from tests.waiting import wait_until

pytestmark = pytest.mark.integration

SLOW = "fault:slow"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, LORE_BACKGROUND="1") as made:
        yield made


def in_its_middle(home: House, call: str) -> object:
    """The stream of a call of which the ledger has some text."""
    stream = home.service.stream(call, theme=SLOW)
    next(stream)
    home.until_text(call)
    return stream


def test_a_call_in_the_background(home: House) -> None:
    call = home.job()

    heard = home.service.ask(call)

    row = home.row(call)
    assert heard.how == ["STARTED"]
    assert heard.text == row["text"]
    assert (row["state"], row["finish_reason"]) == ("done", "stop")
    assert row["response_id"].startswith("resp_")
    assert heard.usage
    assert heard.usage.output_tokens > 50
    assert home.billed(call) == 1


def test_killed_in_the_middle_of_a_call(home: House) -> None:
    """Given a call in its middle / when its lore_service is killed and another lives / I expect
    that one to follow it to its end: nothing unknown, nothing bought again.
    """
    other = home.add()
    call = home.job()
    in_its_middle(home, call)
    home.service.part.kill()

    heard = other.ask(call, theme=SLOW)

    assert heard.how == ["ATTACHED"]
    assert len(heard.items) == 2
    assert home.state(call) == "done"
    bill = home.bill(call)
    assert (bill["requests"], bill["billed"], bill["outcome"]) == (1, 1, "delivered")
    assert home.redis.zcard("calls:due") == 0


@pytest.mark.parametrize(("point", "state"), [("L3", "unknown"), ("L4", "done")])
def test_what_an_id_that_was_noted_is_worth(home: House, point: str, state: str) -> None:
    """Given a lore_service that dies just before or just after it noted the id
    / I expect the call unknown, or brought to its end; one purchase either way.
    """
    home.service.part.kill()
    home.service.start(LORESMITH_CRASH_AT=point)
    call = home.job()
    with pytest.raises(Refused, match="UNAVAILABLE"):
        home.service.ask(call)
    assert home.service.part.process
    assert home.service.part.process.wait(10) == -signal.SIGKILL
    home.service.start()

    wait_until(lambda: home.state(call) == state, f"the call is {state}")

    assert home.bill(call)["requests"] == 1


def test_stopped_in_the_middle_of_a_call(home: House) -> None:
    """Given a call in its middle / when the lore_service is told to stop at once
    / I expect the call to go on at its provider, and the next one to follow it.
    """
    home.service.part.kill()
    home.service.start(LORESMITH_GRACE_S="0")
    call = home.job()
    in_its_middle(home, call)
    home.service.part.stop()
    assert home.state(call) == "intent"

    home.service.start()

    wait_until(lambda: home.state(call) == "done", "the call is done")
    assert home.bill(call)["requests"] == 1


def test_a_cancelled_call_is_stopped_by_its_id(home: House) -> None:
    """Given a call in its middle / when it is cancelled / I expect the provider to stop, to say
    what was used, and the text so far to be kept.
    """
    call = home.job()
    in_its_middle(home, call)

    assert home.service.cancel(call) == "CANCELLED"

    row = home.row(call)
    assert len(row["text"]) > 20
    assert '"output_tokens"' in row["usage"]
    assert home.bill(call)["outcome"] == "cancelled"
