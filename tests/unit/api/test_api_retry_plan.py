"""Asking what a retry would buy, before it buys."""

import json
from typing import Any

from tests.store.driver import call_id
from tests.unit.api.harness import ApiHarness

RELIC = dict.fromkeys(("name", "type", "description", "origin", "price", "whereabouts"), "x")
RELIC |= {"legend": "x", "powers": ["x"]}  # type: ignore[dict-item]
WORLD = {
    "type": "create_world",
    "payload": {"theme": "a drowned empire", "user_id": "u-1"},
}


def planned(api: ApiHarness, job_id: str) -> dict[str, object]:
    answer = api.post(f"/jobs/{job_id}/retry?dry_run=true")
    assert answer.status_code == 200
    return dict(answer.json())


def test_finished_steps_are_cached_and_the_others_run(api: ApiHarness) -> None:
    """Given a world of which one step was checkpointed, another answered, a third of no use."""
    job_id = api.submit(WORLD).json()["id"]
    steps = [step["name"] for step in _type(api, "create_world")["steps"]]
    api.scripts.claim(job_id)
    api.scripts.checkpoint(job_id, step=steps[0])
    for step in steps[1:3]:
        api.scripts.intent(job_id, step=step)
        api.scripts.settle(call_id(job_id, step))
    api.scripts.mark_unusable(call_id(job_id, steps[2]))
    api.scripts.finish(job_id, outcome="failed")

    plan = planned(api, job_id)

    assert plan["allowed"] is True
    assert plan["cached_steps"] == steps[:2]
    assert plan["steps_to_run"] == steps[2:]
    assert plan["possibly_duplicate_charges"] == []


def test_a_call_of_unknown_outcome_is_named_and_nothing_changes(api: ApiHarness) -> None:
    job_id = api.create()
    api.scripts.claim(job_id)
    call = api.scripts.intent(job_id).call_id
    api.scripts.settle(call, state="unknown")
    api.scripts.finish(job_id, outcome="failed")
    before = api.get(f"/jobs/{job_id}").json()

    assert planned(api, job_id)["possibly_duplicate_charges"] == [call]
    assert api.get(f"/jobs/{job_id}").json() == before
    assert api.notifier.notified == [(job_id, 1)]


def test_a_call_that_outlived_its_job_is_in_doubt_and_priced(api: ApiHarness) -> None:
    """Given a job that ended while its call was in flight / when it is retried
    / I expect a question with the calls and the price, and no retry.
    """
    job_id = api.create()
    api.scripts.claim(job_id)
    call = api.scripts.intent(job_id, step="generate").call_id
    assert planned(api, job_id)["possibly_duplicate_charges"] == []
    api.scripts.finish(job_id, outcome="failed")

    answer = api.post(f"/jobs/{job_id}/retry", {})

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (428, "duplicate-charge-possible")
    assert problem["plan"]["possibly_duplicate_charges"] == [call]
    assert problem["cost"] == problem["plan"]["cost"]
    assert problem["cost"]["max"] > 0
    assert f"${problem['cost']['max']:.4f}" in problem["detail"]
    assert api.get(f"/jobs/{job_id}").json()["attempt"] == 1


def test_kept_items_are_counted_and_not_priced(api: ApiHarness) -> None:
    """Given a job that failed with two of three relics / I expect both named as kept, and a lower
    price than that of all three.
    """
    costs = []
    for count in (0, 2):
        job_id = api.submit(
            {"type": "generate_relics", "payload": {"theme": "salt"}, "options": {"model": "gpt-5"}}
        ).json()["id"]
        partial = {
            "step": "generate",
            "text": "",
            "items": [RELIC] * count,
            "complete_items": count,
        }
        api.scripts.claim(job_id)
        api.scripts.finish(job_id, outcome="failed", partial_result=json.dumps(partial))
        plan: Any = planned(api, job_id)
        costs.append(plan["cost"]["expected"])
        kept_items = [{"step": "generate", "count": count, "total": 3}] if count else []
        assert plan["kept_items"] == kept_items

    assert costs[1] < costs[0] / 2


def test_a_retried_job_forgets_how_its_last_attempt_looked(api: ApiHarness) -> None:
    """Given a job that failed with a text / when it is retried / I expect neither that text nor the
    time in which it lay failed, but the text again if it is cancelled.
    """
    job_id = api.create()
    api.scripts.claim(job_id)
    api.scripts.finish(job_id, outcome="failed", partial_result='{"text": "Once"}')
    failed = api.get(f"/jobs/{job_id}").json()

    retried = api.post(f"/jobs/{job_id}/retry").json()
    live = api.get(f"/jobs/{job_id}?include=partial").json()

    assert failed["partial_result"] == {"text": "Once"}
    assert (retried["partial_result"], live["partial_result"]) == (None, None)
    assert failed["started_at"]
    assert retried["started_at"] is None
    assert api.post(f"/jobs/{job_id}/cancel").json()["partial_result"] == {"text": "Once"}


def test_a_running_job_cannot_be_retried(api: ApiHarness) -> None:
    assert planned(api, api.create())["allowed"] is False


def _type(api: ApiHarness, name: str) -> dict[str, list[dict[str, str]]]:
    types = api.get("/job-types").json()["job_types"]
    return next(each for each in types if each["type"] == name)
