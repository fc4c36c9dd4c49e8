"""An identical request is answered from what was kept: through every process, for nothing."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.stack import Stack, stack

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    env = {"LORE_CACHE_TTL_S": "60", "LORE_CONFIRM_ABOVE": "2"}
    folder = tmp_path_factory.mktemp("cache")
    with stack(folder, seconds=0.2, prices=(3, 7), env=env) as running:
        yield running


def made(
    system: Stack, theme: str, type: str = "generate_relics", **options: Any
) -> dict[str, Any]:
    """The job, ended."""
    payload = {"theme": theme} | ({"user_id": "mira"} if type == "create_world" else {})
    body = {"type": type, "payload": payload, "options": options}
    status, job = system.post("/jobs", body)
    assert status == 202, job
    return system.wait_for(job["id"])


def test_the_same_again_costs_nothing_and_says_so(system: Stack) -> None:
    """Given a job / when another one asks the same / I expect the same result, no request to the
    model, no cost, and `cache_hits`; and one that skips the cache to be bought.
    """
    first = made(system, "salt")
    again = made(system, "salt")
    anew = made(system, "salt", cache="skip")

    assert again["result"] == first["result"]
    assert (again["usage"]["calls"], again["usage"]["cache_hits"]) == (0, 1)
    assert (again["cost"]["actual"], again["cost"]["state"]) == (0, "final")
    assert (anew["usage"]["calls"], anew["usage"]["cache_hits"]) == (1, 0)
    (call,) = system.get(f"/jobs/{again['id']}/calls")[1]["calls"]
    assert (call["cached"], call["requests"], call["cost"]) == (True, 0, 0)
    assert not any(again["id"] in call_id for call_id in system.bills())
    assert any(anew["id"] in call_id for call_id in system.bills())


def test_a_world_is_answered_step_by_step(system: Stack) -> None:
    first, again = (made(system, "tides", "create_world") for _ in range(2))

    assert again["usage"]["cache_hits"] == first["usage"]["calls"] == 7
    assert again["cost"]["actual"] == 0
    for job in (first, again):
        assert system.get(f"/worlds/{job['id']}")[0] == 200


def test_an_estimate_knows_what_is_kept(system: Stack) -> None:
    """Given a request that was answered / I expect the estimate to say so, and a refusal for its
    price to offer it.
    """
    made(system, "basalt")
    body = {"type": "generate_relics", "payload": {"theme": "basalt"}, "options": {"max_cost": 0}}

    _, estimate = system.post("/jobs/estimate", body)
    status, refused = system.post("/jobs", body)
    body["payload"] = {"theme": "unheard of"}
    _, other = system.post("/jobs/estimate", body)

    assert (estimate["kept"], other["kept"]) == (True, False)
    assert (status, refused["code"]) == (400, "cost-cap-exceeded")
    assert refused["alternatives"][0]["change"] == {"options": {"cache": "only"}}
    assert {"options": {"cache": "only"}} not in [each["change"] for each in other["alternatives"]]


def test_only_what_was_kept(system: Stack) -> None:
    """Given `cache`: `only` / I expect a job that was never made to fail with nothing bought, and
    one that was to cost nothing, before and after.
    """
    made(system, "amber")

    missing = made(system, "never asked before", cache="only")
    known = made(system, "amber", cache="only")

    assert missing["error_detail"]["code"] == "not_cached"
    assert (missing["cost"]["actual"], missing["cost"]["estimate_max"]) == (0, 0)
    assert (known["status"], known["cost"]["actual"]) == ("completed", 0)
