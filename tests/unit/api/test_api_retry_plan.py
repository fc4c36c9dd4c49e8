"""Asking what a retry would buy, before it buys."""

from tests.store.driver import call_id
from tests.unit.api.desk import Desk

WORLD = {
    "type": "create_world",
    "payload": {"theme": "a drowned empire", "user_id": "u-1"},
}


def planned(desk: Desk, job_id: str) -> dict[str, object]:
    answer = desk.post(f"/jobs/{job_id}/retry?dry_run=true")
    assert answer.status_code == 200
    return dict(answer.json())


def test_steps_that_are_done_are_kept_and_the_others_bought(desk: Desk) -> None:
    """Given a world of which one step was checkpointed, another answered, a third of no use."""
    job_id = desk.submit(WORLD).json()["id"]
    steps = [step["name"] for step in _type(desk, "create_world")["steps"]]
    desk.scripts.claim(job_id)
    desk.scripts.checkpoint(job_id, step=steps[0])
    for step in steps[1:3]:
        desk.scripts.intent(job_id, step=step)
        desk.scripts.settle(call_id(job_id, step))
    desk.scripts.judge(call_id(job_id, steps[2]))
    desk.scripts.finish(job_id, outcome="failed")

    plan = planned(desk, job_id)

    assert plan["allowed"] is True
    assert plan["reused_steps"] == steps[:2]
    assert plan["will_buy"] == steps[2:]
    assert plan["may_pay_again"] == []


def test_a_call_of_unknown_outcome_is_named_and_nothing_changes(desk: Desk) -> None:
    job_id = desk.made()
    desk.scripts.claim(job_id)
    call = desk.scripts.intent(job_id)[1]
    desk.scripts.settle(call, state="unknown")
    desk.scripts.finish(job_id, outcome="failed")
    before = desk.get(f"/jobs/{job_id}").json()

    assert planned(desk, job_id)["may_pay_again"] == [call]
    assert desk.get(f"/jobs/{job_id}").json() == before
    assert desk.bell.rung == [(job_id, 1)]


def test_a_running_job_is_told_that_it_cannot_be_retried(desk: Desk) -> None:
    assert planned(desk, desk.made())["allowed"] is False


def _type(desk: Desk, name: str) -> dict[str, list[dict[str, str]]]:
    types = desk.get("/job-types").json()["job_types"]
    return next(each for each in types if each["type"] == name)
