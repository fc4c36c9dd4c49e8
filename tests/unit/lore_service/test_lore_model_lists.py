"""`options.model: "a|b|c"`: a later model is asked only where nothing was bought."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loresmith.lore_service.ledger.ledger import IntentReply, PoolWait
from loresmith.lore_service.providers.errors import CallError, ProviderProblem
from tests.unit.lore_service.harness import REPAIR_ID, VALID_TEXT, CallHarness

pytestmark = pytest.mark.anyio

MODELS = ("a", "b", "c")
LIST = "|".join(MODELS)
AWAY = {
    "unreached": ProviderProblem("cannot be reached", sent=False),
    "rate limit": ProviderProblem("slow down", status=429),
    "quota": ProviderProblem("quota", status=429, code="insufficient_quota"),
    "no credit": ProviderProblem("pay first", status=402),
    "busy": ProviderProblem("busy", status=503),
    "overloaded": ProviderProblem("overloaded", status=529),
    "busy in a stream": ProviderProblem("busy", code="overloaded", no_completion=True),
    "wrong key": ProviderProblem("wrong key", status=401),
    "forbidden": ProviderProblem("forbidden", status=403),
    "no such model": ProviderProblem("not here", status=404),
    "no such model, 400": ProviderProblem("The model `a` does not exist", status=400),
}
"""Nothing was bought, and another model may take the request."""
WRONG = {
    "bad request": ProviderProblem("messages: invalid", status=400),
    "too long": ProviderProblem("maximum context length exceeded", status=400),
    "too large": ProviderProblem("request too large", status=413),
}
"""Nothing was bought, and another provider would be sent the same."""
IN_DOUBT = {
    "server error": ProviderProblem("internal", status=500),
    "timeout": ProviderProblem("timeout", status=408),
    "gateway timeout": ProviderProblem("timeout", status=504),
    "broken stream": ProviderProblem("closed the connection"),
}
"""It may have been bought."""
PROBLEMS = AWAY | WRONG | IN_DOUBT


@pytest.fixture
def harness() -> CallHarness:
    return CallHarness()


def asked(harness: CallHarness) -> list[str]:
    return [request.model for request in harness.provider.requests]


def states(harness: CallHarness) -> list[str]:
    return [state for _, state in harness.settlement.states]


@pytest.mark.parametrize("position", range(len(MODELS)))
@pytest.mark.parametrize("kind", AWAY)
async def test_the_next_model_is_asked(harness: CallHarness, kind: str, position: int) -> None:
    """Given models that are away before another one / I expect one purchase, of that one."""
    harness.provider.texts = [AWAY[kind]] * position

    result = await harness.generate(model=LIST)

    assert json.loads(result.output_json)["characters"][0]["name"] == "Ada"
    assert asked(harness) == [*MODELS[: position + 1]]
    assert states(harness) == ["released"] * position + ["done"]
    refusals = json.loads(harness.ledger.fields[-1].get("refusals", "[]"))
    assert [each["model"] for each in refusals] == [*MODELS[:position]]
    assert harness.ledger.fields[-1]["candidate"] == MODELS[position]


@pytest.mark.parametrize("position", range(len(MODELS)))
@pytest.mark.parametrize("kind", WRONG | IN_DOUBT)
async def test_no_other_model_is_asked(harness: CallHarness, kind: str, position: int) -> None:
    harness.provider.texts = [AWAY["busy"]] * position + [PROBLEMS[kind]]

    failure = await harness.failure(model=LIST)

    assert asked(harness) == [*MODELS[: position + 1]]
    assert states(harness)[-1] == ("unknown" if kind in IN_DOUBT else "released")
    assert failure.may_be_bought == (kind in IN_DOUBT)


@given(st.lists(st.sampled_from([*PROBLEMS, ""]), min_size=3, max_size=3))
async def test_at_most_one_purchase(kinds: list[str]) -> None:
    """Given any ends of three models; "" is an answer / I expect that each is asked only after
    refusals, and that at most one call may be bought.
    """
    harness = CallHarness()
    harness.provider.texts = [PROBLEMS[kind] if kind else VALID_TEXT for kind in kinds]

    with suppress(CallError):
        await harness.generate(model=LIST)

    ends = [kind for kind, _ in zip(kinds, asked(harness), strict=False)]
    assert all(kind in AWAY for kind in ends[:-1])
    assert sum(state != "released" for state in states(harness)) <= 1
    assert len(ends) == 3 or ends[-1] not in AWAY


async def test_when_all_are_away_the_first_to_return_is_waited_for(harness: CallHarness) -> None:
    """Given three models that take no request / I expect the pause of the shortest one, and the
    words of all.
    """
    harness.provider.texts = [
        ProviderProblem("wrong key", status=401),
        ProviderProblem("slow down", status=429, retry_after_ms=60_000),
        ProviderProblem("busy", status=503, retry_after_ms=2_000),
    ]

    failure = await harness.failure(model=LIST)

    assert (failure.retryable, failure.may_be_bought) == (True, False)
    assert failure.retry_after_ms == 2_000
    assert "a: wrong key b: slow down c: busy" in failure.message


async def test_when_none_can_return_the_job_fails(harness: CallHarness) -> None:
    harness.provider.texts = [AWAY["wrong key"], AWAY["no such model"]]

    failure = await harness.failure(model="a|b")

    assert not failure.retryable
    assert "a: wrong key b: not here" in failure.message


async def test_one_model_has_no_list(harness: CallHarness) -> None:
    harness.provider.texts = [AWAY["busy"]]

    failure = await harness.failure(model="a")

    assert failure.message == "busy"
    assert "candidate" not in harness.ledger.fields[-1]


async def test_a_closed_pool_is_passed_over(harness: CallHarness) -> None:
    """Given a pool that is closed for a minute / I expect the next model at once."""
    closed = IntentReply("wait", wait=PoolWait(60_000, "closed", "rate_limited"))
    harness.ledger.replies = [closed]

    await harness.generate(model="a|b")

    assert asked(harness) == ["b"]


async def test_a_repair_stays_with_its_model(harness: CallHarness) -> None:
    """Given an unusable answer of the second model / I expect its repair from the same, and no
    other model when that one is away by then: the first answer was bought.
    """
    harness.provider.texts = [AWAY["busy"], "{}", AWAY["busy"]]

    failure = await harness.failure(model=LIST)

    assert asked(harness) == ["a", "b", "b"]
    assert failure.retryable
    assert harness.settlement.states[-1] == (REPAIR_ID, "released")


async def test_a_replayed_answer_is_repaired_by_its_model(harness: CallHarness) -> None:
    row = {"state": "done", "text": "{}", "model": "b-2026", "candidate": "b", "usable": "0"}
    harness.ledger.replies = [IntentReply("unusable", "j1/generate/0", row | {"state": "done"})]

    await harness.generate(model=LIST)

    assert asked(harness) == ["b"]


async def test_only_a_cached_response(harness: CallHarness) -> None:
    """Given a cached response of the second model, and a job that buys nothing / I expect it."""
    row: dict[str, Any] = {"state": "done", "text": VALID_TEXT, "cached": "1", "candidate": "b"}
    harness.ledger.replies = [IntentReply("absent"), IntentReply("done", "j1/generate/0", row)]

    await harness.generate(model="a|b", cache="CACHE_ONLY")

    assert asked(harness) == []
    assert len(harness.ledger.intents) == 2
