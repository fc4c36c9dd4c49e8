"""The response cache: an identical request is answered without a model call or a charge."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.stack import Stack, stack

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    env = {"LORESMITH_CACHE_TTL_S": "60", "LORESMITH_CONFIRM_COST_ABOVE": "2"}
    folder = tmp_path_factory.mktemp("cache")
    with stack(folder, seconds=0.2, prices=(3, 7), env=env) as running:
        yield running


def run_job(
    system: Stack, theme: str, type: str = "generate_relics", **options: Any
) -> dict[str, Any]:
    """Submits a job, waits for its end, and returns it."""
    payload = {"theme": theme} | ({"user_id": "mira"} if type == "create_world" else {})
    body = {"type": type, "payload": payload, "options": options}
    status, job = system.post("/jobs", body)
    assert status == 202, job
    return system.wait_for(job["id"])


def test_an_identical_job_is_answered_from_the_cache(system: Stack) -> None:
    """Given a job / when an identical one asks for the cache / I expect the same result, no request
    to the model, no cost, and `cache_hits`; and another text and a model call for one that does not
    ask.
    """
    first = run_job(system, "salt")
    cached = run_job(system, "salt", cache="use")
    skipping = run_job(system, "salt")

    assert skipping["result"] != first["result"]
    assert cached["result"] == first["result"]
    assert (cached["usage"]["calls"], cached["usage"]["cache_hits"]) == (0, 1)
    assert (cached["cost"]["actual"], cached["cost"]["state"]) == (0, "final")
    assert (skipping["usage"]["calls"], skipping["usage"]["cache_hits"]) == (1, 0)
    (call,) = system.get(f"/jobs/{cached['id']}/calls")[1]["calls"]
    assert (call["cached"], call["requests"], call["cost"]) == (True, 0, 0)
    assert not any(cached["id"] in call_id for call_id in system.bills())
    assert any(skipping["id"] in call_id for call_id in system.bills())


def test_a_world_is_cached_step_by_step(system: Stack) -> None:
    first, cached = (run_job(system, "tides", "create_world", cache="use") for _ in range(2))

    assert cached["usage"]["cache_hits"] == first["usage"]["calls"] == 7
    assert cached["cost"]["actual"] == 0
    for job in (first, cached):
        assert system.get(f"/worlds/{job['id']}")[0] == 200


def test_an_estimate_knows_the_cache(system: Stack) -> None:
    """Given a cached response / I expect the estimate to say so, and a rejection for its cost to
    offer it.
    """
    run_job(system, "basalt")
    body = {"type": "generate_relics", "payload": {"theme": "basalt"}, "options": {"max_cost": 0}}

    _, estimate = system.post("/jobs/estimate", body)
    status, problem = system.post("/jobs", body)
    body["payload"] = {"theme": "unheard of"}
    _, other = system.post("/jobs/estimate", body)

    assert (estimate["cached"], other["cached"]) == (True, False)
    assert (status, problem["code"]) == (400, "cost-cap-exceeded")
    assert problem["alternatives"][0]["change"] == {"options": {"cache": "only"}}
    assert {"options": {"cache": "only"}} not in [each["change"] for each in other["alternatives"]]


def test_a_job_that_may_use_only_the_cache(system: Stack) -> None:
    """Given `cache`: `only` / I expect a new request to fail without a charge, and a cached one to
    complete without a charge.
    """
    run_job(system, "amber")

    missing = run_job(system, "never requested before", cache="only")
    known = run_job(system, "amber", cache="only")

    assert missing["error_detail"]["code"] == "not_cached"
    assert (missing["cost"]["actual"], missing["cost"]["estimate_max"]) == (0, 0)
    assert (known["status"], known["cost"]["actual"]) == ("completed", 0)
