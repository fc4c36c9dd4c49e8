"""A lore_service as its workers see it: real gRPC, real Redis, the real SDK, the offline model."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from jobs.kinds import RECIPES
from tests.integration.lore_house import SECONDS, House, Refused, house, listen
from tests.waiting import wait_until

pytestmark = pytest.mark.integration

SLOW = "fault:slow"
"""A theme whose call takes two seconds, so that something can happen in its middle."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("lore")) as made:
        yield made


# --- bought, joined, replayed


def test_a_call_is_bought(home: House) -> None:
    """Given a job / when its worker asks / I expect text, entities, and a result that fits."""
    call = home.job()

    heard = home.service.ask(call)

    assert heard.how == ["STARTED"]
    assert heard.result
    made = json.loads(heard.result.output_json)
    assert json.loads(heard.text) == made
    assert [json.loads(item) for item in heard.items] == made["characters"]
    assert len(heard.items) == 2
    assert heard.usage
    assert (heard.usage.requests, heard.usage.cost_micros) == (1, 0)
    assert heard.usage.output_tokens > 0
    assert heard.result.fingerprint == RECIPES["generate_characters"].fingerprint
    assert home.billed(call) == 1


def test_the_row_tells_what_happened(home: House) -> None:
    """Given a call that is over / I expect all of it in the ledger, and no lease left."""
    call = home.job()
    heard = home.service.ask(call)

    row = home.row(call)

    assert (row["state"], row["text"]) == ("done", heard.text)
    assert (row["recipe"], row["finish_reason"]) == ("generate_characters", "stop")
    assert json.loads(row["usage"])["requests"] == 1
    assert home.redis.zrange("calls:due", 0, -1) == []


def test_a_finished_call_is_replayed(home: House) -> None:
    """Given a call that was bought / when it is asked for again / I expect the same for nothing."""
    call = home.job()
    first = home.service.ask(call)

    again = home.service.ask(call)

    assert (again.how, again.text) == (["REPLAYED"], "")
    assert (again.items, again.result, again.usage) == (first.items, first.result, first.usage)
    assert home.billed(call) == 1


def test_askers_at_the_same_moment(home: House) -> None:
    """Given twenty askers for one call / I expect one purchase, and all of it for each of them."""
    call = home.job(theme=SLOW)

    with ThreadPoolExecutor(20) as pool:
        heard = list(pool.map(lambda _: home.service.ask(call, theme=SLOW), range(20)))

    assert sorted(each.how[0] for each in heard) == ["ATTACHED"] * 19 + ["STARTED"]
    assert {each.text for each in heard} == {home.row(call)["text"]}
    assert all(each.result == heard[0].result for each in heard)
    assert home.billed(call) == 1


def test_a_client_that_vanishes(home: House) -> None:
    """Given an asker that goes away in the middle / when another one asks / I expect it to join
    the same call, from its start.
    """
    call = home.job()
    first = home.service.stream(call, theme=SLOW)
    next(first)
    next(first)
    first.cancel()

    heard = home.service.ask(call, theme=SLOW)

    assert heard.how == ["ATTACHED"]
    assert heard.text == home.row(call)["text"]
    assert home.bill(call) | {"outcome": "delivered", "billed": 1} == home.bill(call)


def test_a_call_that_nobody_waits_for(home: House) -> None:
    """Given an asker whose deadline passes / I expect the call to go on and be stored."""
    call = home.job()
    with pytest.raises(grpc.RpcError) as caught:
        list(home.service.stream(call, theme=SLOW, timeout=0.5))
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED  # type: ignore[attr-defined]

    wait_until(lambda: home.state(call) == "done", "the call is stored")

    heard = home.service.ask(call, theme=SLOW)
    # The ledger says done a moment before the service lets go of the call.
    assert heard.how in (["REPLAYED"], ["ATTACHED"])
    assert json.loads(heard.result.output_json) == json.loads(home.row(call)["text"])
    assert home.billed(call) == 1


def test_what_a_retry_finds(home: House) -> None:
    """Given a paid call of an earlier generation / when the job is retried / I expect its text."""
    call = home.job()
    home.service.ask(call)
    job = call.split("/")[0]
    home.store.finish(job, outcome="failed")
    home.store.retry(job)
    home.store.claim(job, attempt=2)

    heard = home.service.ask(f"{job}/generate/1", attempt=2)

    assert heard.how == ["REPLAYED"]
    assert home.billed(f"{job}/generate/1") == 0


# --- who may ask, and for what


def test_another_attempt_runs_the_job(home: House) -> None:
    """Given a worker that lost its job / when it asks / I expect it turned away, nothing bought."""
    call = home.job()

    refused = home.service.refusal(call, attempt=2)

    assert (refused.status, refused.code) == (grpc.StatusCode.FAILED_PRECONDITION, "fenced")
    assert home.bill(call)["requests"] == 0


def test_a_cancelled_job_buys_nothing(home: House) -> None:
    """Given a job that is being cancelled / when its worker asks / I expect no call to start."""
    call = home.job()
    home.store.cancel(call.split("/")[0])

    refused = home.service.refusal(call)

    assert (refused.status, refused.code) == (grpc.StatusCode.ABORTED, "cancelled")
    assert refused.told
    assert refused.told.may_be_bought is False
    assert home.bill(call)["requests"] == 0


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"recipe": "homework"}, grpc.StatusCode.INVALID_ARGUMENT),
        ({"input_json": "[]"}, grpc.StatusCode.INVALID_ARGUMENT),
        ({"fingerprint": "older"}, grpc.StatusCode.FAILED_PRECONDITION),
    ],
)
def test_what_cannot_be_bought(home: House, told: dict[str, Any], status: grpc.StatusCode) -> None:
    call = home.job()

    refused = home.service.refusal(call, **told)

    assert refused.status is status
    assert home.state(call) == "absent"


# --- cancel and lookup


def test_cancel_stops_the_provider(home: House) -> None:
    """Given a call in its middle / when it is cancelled / I expect the provider stopped, what had
    come kept, and the asker told.
    """
    call = home.job()
    stream = home.service.stream(call, theme=SLOW)
    next(stream)
    home.until_text(call)

    assert home.service.cancel(call) == "CANCELLED"

    wait_until(lambda: home.bill(call).get("outcome") == "left", "the provider was stopped")
    with pytest.raises(Refused) as caught:
        listen(stream)
    refused = caught.value
    assert refused.told
    assert (refused.status, refused.code) == (grpc.StatusCode.ABORTED, "cancelled")
    state, told = home.service.lookup(call)
    assert state == "CANCELLED"
    assert len(told.text) > 50
    assert told.text.startswith(refused.told.text.rstrip("…"))


def test_a_cancelled_call_stays_cancelled(home: House) -> None:
    """Given a cancelled call / when it is asked for or cancelled again / I expect the same."""
    call = home.job()
    next(home.service.stream(call, theme=SLOW))
    home.service.cancel(call)

    assert home.service.cancel(call) == "CANCELLED"
    assert home.service.refusal(call, theme=SLOW).code == "cancelled"
    assert home.bill(call)["requests"] == 1


def test_cancelling_what_is_over_or_never_was(home: House) -> None:
    call = home.job()
    assert home.service.cancel(call) == "ABSENT"
    home.service.ask(call)

    assert home.service.cancel(call) == "DONE"
    assert home.service.ask(call).how == ["REPLAYED"]


def test_a_job_cancelled_without_a_worker(home: House) -> None:
    """Given a call in its middle, and no worker to say so / when its job is cancelled / I expect
    the beat to notice, and the provider stopped.
    """
    call = home.job()
    next(home.service.stream(call, theme=SLOW))

    home.store.cancel(call.split("/")[0])

    wait_until(lambda: home.state(call) == "cancelled", "the call is cancelled")
    wait_until(lambda: home.bill(call).get("outcome") == "left", "the provider was stopped")


def test_lookup(home: House) -> None:
    """Given a call / I expect to be told where it is, and what text there is, buying nothing."""
    call = home.job()
    assert home.service.lookup(call)[0] == "ABSENT"
    stream = home.service.stream(call, theme=SLOW)
    next(stream)
    wait_until(lambda: home.service.lookup(call)[1].text, "there is text")
    assert home.service.lookup(call)[0] == "INTENT"

    heard = listen(stream)

    state, told = home.service.lookup(call)
    assert (state, told.text, told.usage) == ("DONE", heard.text, heard.usage)


# --- a second lore_service on the same ledger


@pytest.fixture(scope="module")
def second(home: House) -> Any:
    return home.add()


def test_another_lore_service_follows_the_call(home: House, second: Any) -> None:
    """Given a call that one lore_service runs / when another is asked for it / I expect it to
    pass on the text as it grows, and not to buy.
    """
    call = home.job()
    own = home.service.stream(call, theme=SLOW)
    next(own)

    stream = second.stream(call, theme=SLOW)
    grown = [message.delta.text for message in stream if message.HasField("delta")]

    assert len(grown) > 1, "the text came in one piece, at the end"
    assert "".join(grown) == listen(own).text
    assert home.billed(call) == 1


def test_a_call_longer_than_its_lease(home: House, second: Any) -> None:
    """Given a call that takes longer than a lease / I expect the lease renewed, and nobody to give
    it up.
    """
    call = home.job()

    home.service.ask(call, theme=SLOW)

    logs = [service.part.log.read_text() for service in (home.service, second)]
    assert not any(f"{call}: its lore service is gone" in log for log in logs)


def test_another_lore_service_replays_it(home: House, second: Any) -> None:
    call = home.job()
    first = home.service.ask(call)

    assert second.ask(call).result == first.result
    assert home.billed(call) == 1


def test_cancelling_through_another_lore_service(home: House, second: Any) -> None:
    """Given a call that one lore_service runs / when another is told to cancel it / I expect the
    first to stop it at its next beat.
    """
    call = home.job()
    next(home.service.stream(call, theme=SLOW))

    assert second.cancel(call) in ("INTENT", "CANCELLED")

    wait_until(lambda: home.state(call) == "cancelled", "the call is cancelled")


def test_both_are_asked_at_once(home: House, second: Any) -> None:
    """Given two lore_services / when both are asked for forty calls / I expect forty purchases."""
    calls = [home.job() for _ in range(40)]

    with ThreadPoolExecutor(16) as pool:
        heard = list(
            pool.map(lambda i: home.services[i % 2].ask(calls[i // 2]), range(2 * len(calls)))
        )

    assert [home.billed(call) for call in calls] == [1] * 40
    assert all(heard[i].result == heard[i + 1].result for i in range(0, 80, 2))


# --- the process


def test_health(home: House) -> None:
    assert home.service.health() == "SERVING"
    assert home.service.health("lore.v1.LoreService") == "SERVING"


def test_reflection(home: House) -> None:
    """Given any gRPC tool / I expect it to find out what can be called."""
    stub = reflection_pb2_grpc.ServerReflectionStub(home.service.channel)
    asked = reflection_pb2.ServerReflectionRequest(list_services="")
    [told] = stub.ServerReflectionInfo(iter([asked]), timeout=5)

    named = {each.name for each in told.list_services_response.service}
    assert {"lore.v1.LoreService", "grpc.health.v1.Health"} <= named


def test_help_and_refusals_to_start(home: House, tmp_path: Path) -> None:
    """Given the command line / I expect help with every setting, and a cure for what is wrong."""
    part = home.service.part
    command = part.command

    def run(*options: str, **env: str) -> tuple[int, str]:
        part.command, log = [*command, *options], part.log
        part.log = tmp_path / "log"
        running, part.process = part.process, None
        try:
            part.start(**env)
            assert part.process
            return part.process.wait(20), part.log.read_text()
        finally:
            part.command, part.log, part.process = command, log, running

    code, text = run("--help")
    assert code == 0
    assert "OPENAI_API_KEY" in text
    assert "LORESMITH_CALL_TIMEOUT_S" in text
    code, text = run()
    assert code == 1
    assert "LORE_ADDRESS" in text, "the port is taken: that must be said"
    code, text = run(OPENAI_BASE_URL="")
    assert "OPENAI_API_KEY" in text


def test_pieces_are_few(home: House) -> None:
    """Given a text in many pieces / I expect it passed on in a few messages."""
    stream = home.service.stream(home.job(), theme=SLOW)

    pieces = [message for message in stream if message.HasField("delta")]

    assert 2 <= len(pieces) <= 10 * SECONDS / 0.1 + 1
