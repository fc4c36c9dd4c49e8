"""The record of a job, as it is stored and as clients see it."""

import re
from typing import Any
from uuid import UUID

import pytest

from jobs.eta import Usual, usual
from jobs.job import Price, Submission, is_active, json_text, new_id, public, timestamp
from jobs.kinds import KINDS
from jobs.scripts import flat
from jobs.states import ACTIVE, Status

WAITING = {
    "id": "j",
    "type": "generate_lore",
    "status": "pending",
    "phase": "queued",
    "progress": "0",
    "progress_source": "simulated",
    "message": "Preparing your request...",
    "created_ms": "1700000000123",
    "updated_ms": "1700000000123",
    "version": "1",
    "attempt": "1",
    "retries": "0",
}


def test_ids_are_uuids_of_version_7() -> None:
    made = UUID(new_id())

    assert (made.version, made.variant) == (7, "specified in RFC 4122")


def test_ids_sort_by_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given ids made in different milliseconds / I expect their order to be that of time."""
    made = []
    for millis in (1, 2, 1_000, 1_700_000_000_000, 281_474_976_710_655):
        monkeypatch.setattr("jobs.job.time.time_ns", lambda now=millis: now * 1_000_000)
        made.append(new_id())

    assert made == sorted(made)
    assert UUID(made[-1]).int >> 80 == 281_474_976_710_655


def test_ids_do_not_repeat() -> None:
    assert len({new_id() for _ in range(10_000)}) == 10_000


def test_json_texts_are_compact_and_keep_big_integers() -> None:
    assert (
        json_text({"a": [], "n": 9007199254740993, "t": "ž"})
        == '{"a":[],"n":9007199254740993,"t":"ž"}'
    )


def test_what_was_not_said_is_not_stored() -> None:
    """Given a submission without model, session and user / I expect no fields of these names."""
    submission = Submission("t", "{}", "{}", "Generating...", 90.0, 60.0, "fp")

    stored = flat(submission.fields(Usual(30.0, 45.0), Price()))

    assert stored[stored.index("expected_s") + 1] == 30.0
    assert stored[stored.index("work_message") + 1] == "Generating..."
    assert not {"model", "session_id", "user_id"} & set(stored[::2])


def test_a_waiting_job_as_clients_see_it() -> None:
    seen = public(WAITING)

    assert (seen["status"], seen["progress"], seen["phase"]) == ("pending", 0, "queued")
    assert seen["created_at"] == "2023-11-14T22:13:20.123Z"
    assert seen["links"] == {"self": "/jobs/j", "cancel": "/jobs/j/cancel"}
    unknown_yet = (
        "started_at",
        "completed_at",
        "result",
        "error",
        "error_detail",
        "usage",
        "model",
    )
    assert [seen[name] for name in unknown_yet] == [None] * len(unknown_yet)


def running(monkeypatch: pytest.MonkeyPatch, known: Usual, elapsed_s: float, **more: str) -> Any:
    """`progress_detail` of a job that has run for so long."""
    told = Submission("create_world", "{}", "{}", "", 90.0, 60.0, "fp").fields(known, Price())
    record = {name: str(value) for name, value in told.items() if value is not None}
    begun = {"status": "processing", "attempt_started_ms": "1700000000000"}
    monkeypatch.setattr("jobs.job.time.time", lambda: 1_700_000_000 + elapsed_s)
    return public(WAITING | record | begun | more)["progress_detail"]


def test_how_long_a_running_job_takes_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a job made when such jobs took 10 or 40 s / I expect what is left of it to be read off
    the runs that lasted longer, and nothing once it has lasted longer than nine of ten.
    """
    known = usual([10.0] * 6 + [40.0] * 4, 30)

    assert running(monkeypatch, known, 0)["eta_s"] == {"p50": 10, "p90": 40}
    assert running(monkeypatch, known, 15.5)["eta_s"] == {"p50": 24.5, "p90": 24.5}
    late = running(monkeypatch, known, 41)
    assert (late["eta_s"], late["overdue"]) == (None, True)
    assert running(monkeypatch, Usual(30, 45), 0)["eta_s"] == {"p50": 30, "p90": 45}


@pytest.mark.parametrize(
    ("more", "eta"),
    [
        ({"progress_source": "items"}, {"p50": 2, "p90": 3}),
        ({"progress_source": "tokens"}, {"p50": 2, "p90": 3}),
        ({"progress_source": "simulated"}, {"p50": 26, "p90": 41}),
        ({"progress_source": "items", "attempt": "2"}, {"p50": 26, "p90": 41}),
    ],
)
def test_a_first_job_is_told_by_what_is_seen_of_it(
    monkeypatch: pytest.MonkeyPatch, more: dict[str, str], eta: dict[str, float]
) -> None:
    """Given no earlier runs, and a bar at two thirds after 4 s / I expect 2 s yet where entities or
    text moved it in this attempt, else what the type declares.
    """
    assert running(monkeypatch, usual([], 30), 4, progress="60", **more)["eta_s"] == eta


def test_how_many_entities_of_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    def items(**more: str) -> Any:
        told = running(monkeypatch, Usual(30, 45), 1, **more)
        return told["items_done"], told["items_expected"]

    assert items(items_done="2", items_expected="3") == (2, 3)
    assert items(items_done="0", items_expected="3") == (0, 3)
    assert items(items_done="0", items_expected="0") == items() == (None, None)


def test_which_step_of_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = [step.name for step in KINDS["create_world"].steps]
    found = [running(monkeypatch, Usual(30, 45), 1, step=step) for step in (steps[1], "undeclared")]

    assert [detail["step_index"] for detail in found] == [2, None]
    assert {detail["step_count"] for detail in found} == {len(steps)}
    assert running(monkeypatch, Usual(30, 45), 1, type="nobody_knows")["step_count"] is None


@pytest.mark.parametrize(
    ("status", "links"),
    [
        ("processing", {"self", "cancel"}),
        ("completed", {"self"}),
        ("failed", {"self", "retry"}),
        ("cancelled", {"self", "retry"}),
        ("skipped", {"self"}),
    ],
)
def test_where_a_client_can_go_from_here(status: str, links: set[str]) -> None:
    assert set(public(WAITING | {"status": status})["links"]) == links


def test_json_fields_come_back_as_values() -> None:
    """Given stored JSON / I expect values, with empty lists and big integers as they were."""
    seen = public(WAITING | {"result": '[{"a":[]}]', "usage": '{"n":9007199254740993}'})

    assert seen["result"] == [{"a": []}]
    assert seen["usage"] == {"n": 9007199254740993}


def test_every_job_has_the_same_shape() -> None:
    """Given jobs in each status / I expect the same fields, so that clients need not ask which."""
    shapes = {tuple(public(WAITING | {"status": status})) for status in Status}

    assert len(shapes) == 1


def test_no_field_of_the_machinery_is_shown() -> None:
    hidden: dict[str, Any] = {
        "owner": "w",
        "fingerprint": "fp",
        "idempotency_slot": "x",
        "cancel": "now",
    }

    assert not set(hidden) & set(public(WAITING | hidden))


@pytest.mark.parametrize("nothing", [None, "", "0"])
def test_no_time_is_no_timestamp(nothing: str | None) -> None:
    assert timestamp(nothing) is None


def test_timestamps_are_rfc_3339_in_utc() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", str(timestamp("1700000000000")))


def test_active_is_what_is_not_finished() -> None:
    assert {status for status in Status if is_active(WAITING | {"status": status})} == ACTIVE
