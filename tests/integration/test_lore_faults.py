"""What a lore_service makes of each thing that a provider can do wrong."""

import json
from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from tests.integration.lore_house import House, Refused, house
from tests.waiting import wait_until

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    env = {"LORE_READ_TIMEOUT_S": "1"}
    with house(tmp_path_factory.mktemp("lore"), **env) as made:
        yield made


def refused(home: House, call: str, theme: str) -> Refused:
    """The error of a call whose theme has a fault."""
    error = home.service.refusal(call, theme=theme)
    assert error.told, f"no LoreError came with it: {error}"
    return error


# --- certainly not bought: released, and it may be sent again


@pytest.mark.parametrize(
    ("fault", "code", "retryable"),
    [("rate", "llm_unavailable", True), ("quota", "llm_quota", False)],
)
def test_refused_before_any_work(home: House, fault: str, code: str, retryable: bool) -> None:
    call = home.job()

    told = refused(home, call, f"fault:{fault}").told

    assert told
    assert (told.code, told.retryable, told.may_be_bought) == (code, retryable, False)
    assert (home.state(call), home.billed(call)) == ("released", 0)


def test_when_to_ask_again_is_passed_on(home: House) -> None:
    call = home.job()
    home.fault("rate", match="patience", retry_after_s=3, times=1)

    told = home.service.refusal(call, theme="patience").told

    assert told
    assert told.retry_after_ms == 3000


def test_a_released_call_is_sent_again_by_the_same_name(home: House) -> None:
    """Given a call that was refused / when it is asked for again / I expect it bought, once."""
    call = home.job()
    refused(home, call, "fault:rate")

    heard = home.service.ask(call)

    assert heard.how == ["STARTED"]
    assert (home.bill(call)["requests"], home.billed(call)) == (2, 1)
    assert "error" not in home.row(call)


@pytest.mark.parametrize("status", [400, 401, 404, 422, 503])
def test_statuses_that_are_not_billed(home: House, status: int) -> None:
    call, theme = home.job(), f"unbilled {status}"
    home.fault("status", status=status, match=theme)

    told = home.service.refusal(call, theme=theme).told

    assert told
    assert told.may_be_bought is False
    assert str(status) in told.message
    assert home.state(call) == "released"


# --- nobody can know: unknown, never sent again under this name


@pytest.mark.parametrize("status", [408, 500, 502, 504])
def test_statuses_behind_which_a_finished_text_may_lie(home: House, status: int) -> None:
    call, theme = home.job(), f"billed {status}"
    home.fault("status", status=status, match=theme)

    error = home.service.refusal(call, theme=theme)

    assert error.told
    assert (error.code, error.told.may_be_bought) == ("llm_outcome_unknown", True)
    assert home.state(call) == "unknown"
    assert home.service.refusal(call).code == "llm_outcome_unknown"
    assert home.bill(call)["requests"] == 1


@pytest.mark.parametrize("fault", ["cut", "truncate", "badchunk"])
def test_a_text_that_breaks_off(home: House, fault: str) -> None:
    """Given a stream that breaks in its middle / I expect the text so far kept, in the row and in
    the error, and the call never sent again.
    """
    call = home.job()

    error = refused(home, call, f"fault:{fault}")

    assert (error.status, error.code) == (grpc.StatusCode.DATA_LOSS, "llm_outcome_unknown")
    assert error.told
    assert len(error.told.text) > 50
    assert home.row(call)["text"] == error.told.text
    assert home.state(call) == "unknown"
    assert home.service.refusal(call).told == error.told
    assert (home.bill(call)["requests"], home.billed(call)) == (1, 1)


def test_a_long_text_that_breaks_off(home: House) -> None:
    """Given more text than the metadata of an error can hold / I expect its beginning there, and
    all of it as pieces; also from the ledger, when somebody asks again.
    """
    call = home.job()
    told = {"theme": "fault:cut", "count": 10}

    errors = [home.service.refusal(call, **told) for _ in range(2)]

    for error in errors:
        assert error.told
        assert error.code == "llm_outcome_unknown"
        assert 1_000 < len(error.told.text) < 2_000
        assert error.heard.text.startswith(error.told.text.rstrip("…"))
        assert error.heard.text == home.row(call)["text"]
    assert len(errors[0].heard.text) > 3_000


def test_a_provider_that_falls_silent(home: House) -> None:
    call = home.job()

    assert refused(home, call, "fault:hang").code == "llm_outcome_unknown"
    assert (home.state(call), home.billed(call)) == ("unknown", 1)


def test_a_provider_that_takes_too_long(home: House) -> None:
    """Given text that comes steadily, but for too long / I expect it stopped at its limit, the
    provider too, and what had come kept.
    """
    call = home.job()
    hasty = home.add(LORESMITH_CALL_TIMEOUT_S="1")

    error = hasty.refusal(call, theme="fault:slow")

    assert error.code == "timeout"
    assert error.told
    assert error.told.text
    assert home.state(call) == "cancelled"
    wait_until(lambda: home.bill(call).get("outcome") == "left", "the provider was stopped")


# --- bought, and of no use


@pytest.mark.parametrize("fault", ["badjson", "badschema", "empty"])
def test_an_answer_that_never_fits(home: House, fault: str) -> None:
    """Given answers that do not fit / I expect one repair, then failure with the text kept; and
    the same again from the ledger when somebody asks once more.
    """
    call = home.job()
    repair = call.replace("generate", "generate~repair")

    error = refused(home, call, f"fault:{fault}")

    assert (error.code, home.billed(call), home.billed(repair)) == ("output_schema", 1, 1)
    assert error.told
    assert error.told.usage.requests == 2
    assert (error.told.text == "") is (fault == "empty")
    assert home.row(call)["usable"] == home.row(repair)["usable"] == "0"
    assert refused(home, call, f"fault:{fault}").told == error.told
    assert (home.billed(call), home.billed(repair)) == (1, 1)


def test_an_answer_that_fits_after_a_repair(home: House) -> None:
    """Given one bad answer / I expect the second one as the result, as a call of its own, and
    both on the bill; also when it is asked for again.
    """
    call = home.job()
    home.fault("badjson", match="once only", times=1)

    heard = home.service.ask(call, theme="once only")

    assert heard.how == ["STARTED", "STARTED"]
    assert heard.result
    assert json.loads(heard.text) == json.loads(heard.result.output_json)
    assert heard.usage
    assert heard.usage.requests == 2
    again = home.service.ask(call, theme="once only")
    assert again.how == ["REPLAYED", "REPLAYED"]
    assert (again.result, again.usage) == (heard.result, heard.usage)
    assert home.billed(call) == 1


def test_cut_off_at_the_bound(home: House) -> None:
    """Given an answer longer than its bound / I expect no repair, which would be cut off too, and
    the bound named.
    """
    call = home.job()

    told = home.service.refusal(call, max_output_tokens=20).told

    assert told
    assert told.code == "output_schema"
    assert "20 tokens" in told.message
    assert home.state(call.replace("generate", "generate~repair")) == "absent"


@pytest.mark.parametrize("fault", ["content_filter", "refusal"])
def test_a_refusal(home: House, fault: str) -> None:
    call = home.job()

    error = refused(home, call, f"fault:{fault}")

    assert (error.code, home.billed(call)) == ("llm_refused", 1)
    assert error.told
    assert error.told.retryable is False
    assert home.state(call.replace("generate", "generate~repair")) == "absent"


# --- the provider is not there


def test_a_provider_that_is_not_there(home: House, tmp_path_factory: Any) -> None:
    """Given nobody at the provider's address / I expect it said so, and the call released."""
    call = home.job()
    lonely = home.add(OPENAI_BASE_URL="http://127.0.0.1:9/v1", OPENAI_API_KEY="sk-secret")

    error = lonely.refusal(call)

    assert error.told
    assert (error.status, error.code) == (grpc.StatusCode.UNAVAILABLE, "llm_unavailable")
    assert error.told.may_be_bought is False
    assert "cannot be reached" in error.told.message
    assert home.state(call) == "released"
    assert home.service.ask(call).how == ["STARTED"]
    assert "sk-secret" not in lonely.part.log.read_text()
