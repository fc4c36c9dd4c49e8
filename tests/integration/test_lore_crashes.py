"""Whatever is killed, paused or away: nothing is bought twice, and nothing paid is lost."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from tests.integration.lore_house import SHORT_LEASES, House, Refused, house, listen
from tests.waiting import wait_until

pytestmark = pytest.mark.integration

SLOW = "fault:slow"
LEASE_S = float(SHORT_LEASES["LORESMITH_CALL_LEASE_S"])
BEAT_S = float(SHORT_LEASES["LORESMITH_CALL_BEAT_S"])


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path) as made:
        yield made


def in_its_middle(home: House, call: str) -> object:
    """The stream of a call of which the ledger has some text."""
    stream = home.service.stream(call, theme=SLOW)
    next(stream)
    home.until_text(call)
    return stream


# --- the lore_service dies


def test_killed_in_the_middle_of_a_call(home: House) -> None:
    """Given a call in its middle / when the lore_service is killed and another lives / I expect it
    unknown once the lease is over, its text kept, and nothing bought again.
    """
    other = home.add()
    call = home.job()
    in_its_middle(home, call)
    home.service.part.kill()

    error = other.refusal(call, theme=SLOW)

    assert (error.status, error.code) == (grpc.StatusCode.DATA_LOSS, "llm_outcome_unknown")
    assert error.told
    assert error.told.may_be_bought
    assert len(error.told.text) > 50
    assert error.heard.text == home.row(call)["text"]
    assert error.heard.text.startswith(error.told.text.rstrip("…"))
    assert home.redis.zcard("calls:due") == 0
    assert home.bill(call)["requests"] == 1


def test_bought_again_by_consent_only(home: House) -> None:
    """Given a call of unknown outcome / when a person consents to another purchase / I expect one
    under the next generation's name.
    """
    call = home.job()
    in_its_middle(home, call)
    home.service.part.kill()
    home.service.start()
    assert home.service.refusal(call, theme=SLOW).code == "llm_outcome_unknown"
    job = call.split("/")[0]
    home.store.finish(job, outcome="failed")
    home.store.retry(job, consent=True)
    home.store.claim(job, attempt=2)

    heard = home.service.ask(f"{job}/generate/1", attempt=2)

    assert heard.how == ["STARTED"]
    assert (home.billed(call), home.billed(f"{job}/generate/1")) == (1, 1)


@pytest.mark.parametrize(
    ("point", "billed", "state"),
    [
        ("L1", 0, "unknown"),  # recorded, not sent: from outside nobody can tell
        ("L2", 1, "unknown"),
        ("L5", 1, "unknown"),  # the result was in its hand, and nowhere else
        ("L6", 1, "done"),
    ],
)
def test_crash_points(home: House, point: str, billed: int, state: str) -> None:
    """Given a lore_service that dies at this point / when it is back / I expect the call settled,
    bought at most once, and replayed if it was stored.
    """
    home.service.part.stop()
    home.service.start(LORESMITH_CRASH_AT=point)
    call = home.job()
    with pytest.raises(Refused) as caught:
        home.service.ask(call)
    assert caught.value.status is grpc.StatusCode.UNAVAILABLE
    assert home.service.part.process
    assert home.service.part.process.wait(10) == -signal.SIGKILL
    home.service.start()
    wait_until(lambda: home.state(call) == state, f"the call is {state}")

    if state == "done":
        assert home.service.ask(call).how == ["REPLAYED"]
    else:
        assert home.service.refusal(call).code == "llm_outcome_unknown"
    assert home.billed(call) == billed


def test_paused_for_longer_than_its_lease(home: House) -> None:
    """Given a lore_service that is paused in the middle of a call, which is given up / when it
    goes on and has the result / I expect the row corrected, and the result replayed.
    """
    other = home.add()
    call = home.job()
    in_its_middle(home, call)
    home.service.part.pause()
    assert other.refusal(call, theme=SLOW).code == "llm_outcome_unknown"

    home.service.part.resume()

    wait_until(lambda: home.state(call) == "done", "the late result is stored")
    assert other.ask(call, theme=SLOW).how == ["REPLAYED"]
    assert home.billed(call) == 1


# --- Redis dies


def test_redis_away_when_the_result_comes(home: House) -> None:
    """Given Redis killed in the middle of a call / I expect the asker to get its result, the
    journal to hold it, and Redis to have it once it is back.
    """
    call = home.job()
    stream = in_its_middle(home, call)
    home.server.kill()

    heard = listen(stream)

    assert heard.result
    assert list((home.service.data_dir / "calls").iterdir())
    home.server.start()
    wait_until(lambda: home.state(call) == "done", "the journal is in the ledger")
    assert home.row(call)["text"] == heard.text
    wait_until(
        lambda: not list((home.service.data_dir / "calls").iterdir()), "the journal is empty"
    )
    assert home.service.ask(call, theme=SLOW).how == ["REPLAYED"]
    assert home.billed(call) == 1


def test_redis_and_the_lore_service_both(home: House) -> None:
    """Given a result that waits in the journal / when its lore_service is killed too, and both
    come back / I expect the result in the ledger.
    """
    call = home.job()
    stream = in_its_middle(home, call)
    home.server.kill()
    listen(stream)
    home.service.part.kill()

    home.server.start()
    home.service.start()

    wait_until(lambda: home.state(call) == "done", "the journal is in the ledger")
    assert home.service.ask(call, theme=SLOW).how == ["REPLAYED"]
    assert home.billed(call) == 1


def test_redis_away_when_a_call_is_to_begin(home: House) -> None:
    """Given no Redis / when somebody asks, and it comes back / I expect the call bought, once."""
    call = home.job()
    home.server.kill()
    stream = home.service.stream(call)
    wait_until(lambda: "Redis is away" in home.service.part.log.read_text(), "it has noticed")

    home.server.start()

    assert listen(stream).how == ["STARTED"]
    assert home.billed(call) == 1


def test_redis_away_for_longer_than_a_lease(home: House) -> None:
    """Given a call whose lease ends while Redis is away / when Redis is back before its owner could
    say a word / I expect another lore_service to give it that time.
    """
    other = home.add()
    call = home.job()
    stream = in_its_middle(home, call)
    home.service.part.pause()
    home.server.kill()
    over = time.monotonic() + LEASE_S
    wait_until(lambda: time.monotonic() > over, "the lease is over")

    home.server.start()
    wait_until(lambda: "Redis is back" in other.part.log.read_text(), "the other looks after calls")

    looked_twice = time.monotonic() + 4 * BEAT_S
    while time.monotonic() < looked_twice:
        assert home.state(call) == "intent"
    home.service.part.resume()
    assert listen(stream).result
    wait_until(lambda: home.state(call) == "done", "the call is stored")
    assert home.billed(call) == 1


# --- it is told to stop


def test_a_graceful_stop(home: House) -> None:
    """Given a call in its middle / when the lore_service is told to stop / I expect it to take no
    more calls, to say so, and to finish the one it has.
    """
    call = home.job()
    stream = in_its_middle(home, call)
    home.service.part.process.send_signal(signal.SIGTERM)  # type: ignore[union-attr]
    wait_until(lambda: home.service.health() == "NOT_SERVING", "it says that it is stopping")

    error = home.service.refusal(home.job())
    heard = listen(stream)

    assert error.code == "llm_unavailable"
    assert heard.result
    assert home.service.part.process.wait(10) == 0  # type: ignore[union-attr]
    assert home.state(call) == "done"


def test_a_stop_without_time(home: House) -> None:
    """Given a call in its middle / when there is no time to finish it / I expect it unknown at
    once, with its text, and the asker told.
    """
    home.service.part.stop()
    home.service.start(LORESMITH_GRACE_S="0.1")
    call = home.job()
    stream = in_its_middle(home, call)

    assert home.service.part.stop() == 0

    with pytest.raises(Refused) as caught:
        listen(stream)
    assert caught.value.code == "llm_outcome_unknown"
    assert caught.value.told
    assert home.row(call)["text"] == caught.value.heard.text
    assert home.state(call) == "unknown"
    assert home.redis.zcard("calls:due") == 0


def test_a_second_signal_is_in_a_hurry(home: House) -> None:
    """Given a stop with a long grace period / when it is told again / I expect it to end."""
    call = home.job()
    in_its_middle(home, call)
    process = home.service.part.process
    assert process
    process.send_signal(signal.SIGTERM)
    wait_until(lambda: "stopping" in home.service.part.log.read_text(), "it is stopping")

    process.send_signal(signal.SIGTERM)

    assert process.wait(10) == 0
    assert home.state(call) == "unknown"
