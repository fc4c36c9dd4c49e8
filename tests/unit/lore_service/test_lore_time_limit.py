"""How long a model call may take."""

import asyncio

import pytest

from loresmith.lore_service.calls.call_request import TIME_LIMITS
from loresmith.lore_service.providers.errors import CallError
from tests.unit.lore_service.harness import CallHarness, call_request

pytestmark = pytest.mark.anyio


@pytest.fixture
def harness() -> CallHarness:
    return CallHarness()


@pytest.mark.parametrize(("caller_waits_s", "code"), [(0, "timeout"), (5, "timeout"), (15, "")])
async def test_a_job_with_more_time_than_usual_gives_it_to_its_call(
    harness: CallHarness, monkeypatch: pytest.MonkeyPatch, caller_waits_s: float, code: str
) -> None:
    """Given a type whose jobs usually have 50 ms / I expect a call to take longer only where its
    job has more time.
    """
    monkeypatch.setitem(TIME_LIMITS, "generate_characters", 0.05)
    harness.provider.may_finish, harness.provider.texts = asyncio.Event(), ["{"]
    call, _ = await harness.calls.attach_or_start(call_request(), caller_waits_s)
    asyncio.get_running_loop().call_later(0.3, harness.provider.may_finish.set)

    failure = None
    try:
        await asyncio.shield(call.task)
    except CallError as error:
        failure = error.failure

    assert (failure.code if failure else "") == code
