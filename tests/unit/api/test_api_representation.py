"""A job as clients see it."""

import re
from typing import Any

import pytest

from loresmith.api.schemas.representation import represent_job, timestamp
from loresmith.jobs.core.job_record import PriceQuote, Submission
from loresmith.jobs.core.status import Status
from loresmith.jobs.statistics.durations import DurationEstimate, estimate_duration
from loresmith.jobs.types.registry import JOB_TYPES

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


def test_a_waiting_job_has_links_and_nulls_for_what_is_unknown() -> None:
    job = represent_job(WAITING)

    assert (job["status"], job["progress"], job["phase"]) == ("pending", 0, "queued")
    assert job["created_at"] == "2023-11-14T22:13:20.123Z"
    assert job["links"] == {"self": "/jobs/j", "cancel": "/jobs/j/cancel"}
    unknown_yet = (
        "started_at",
        "completed_at",
        "result",
        "error",
        "error_detail",
        "usage",
        "model",
    )
    assert [job[name] for name in unknown_yet] == [None] * len(unknown_yet)


def progress_detail(
    monkeypatch: pytest.MonkeyPatch, known: DurationEstimate, elapsed_s: float, **more: str
) -> Any:
    """Returns the `progress_detail` of a job after `elapsed_s`."""
    submission = Submission("create_world", "{}", "{}", "", 90.0, 60.0, "fp")
    fields = submission.fields(PriceQuote()) | known.fields()
    record = {name: str(value) for name, value in fields.items() if value is not None}
    begun = {"status": "processing", "attempt_started_ms": "1700000000000"}
    begun["recent_durations_s"] = " ".join(map(str, known.runs))
    monkeypatch.setattr(
        "loresmith.api.schemas.representation.time.time", lambda: 1_700_000_000 + elapsed_s
    )
    return represent_job(WAITING | record | begun | more)["progress_detail"]


def test_the_remaining_time_follows_the_ladder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a job that starts when such jobs took 10 or 40 s / I expect what is left of the usual
    time by its progress, and nothing once it has lasted longer than nine of ten.
    """
    known = estimate_duration([10.0] * 6 + [40.0] * 4, 30)

    assert progress_detail(monkeypatch, known, 0)["eta_s"] == {"p50": 10, "p90": 40}
    half = progress_detail(monkeypatch, known, 5, progress="50")
    assert half["eta_s"] == {"p50": 5, "p90": 35}
    late = progress_detail(monkeypatch, known, 41)
    assert (late["eta_s"], late["overdue"]) == (None, True)


@pytest.mark.parametrize(("attempt", "p50"), [("1", 4.9), ("2", 10)])
def test_an_earlier_attempt_says_nothing_of_the_pace(
    monkeypatch: pytest.MonkeyPatch, attempt: str, p50: float
) -> None:
    """Given a bar at two thirds after 2 s / I expect a fast job, unless an earlier attempt moved
    it.
    """
    declared = estimate_duration([], 30)
    detail = progress_detail(monkeypatch, declared, 2, progress="60", attempt=attempt)

    assert detail["eta_s"]["p50"] == p50


def test_items_are_counted_where_some_are_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    def items(**more: str) -> Any:
        detail = progress_detail(monkeypatch, DurationEstimate(30, 45), 1, **more)
        return detail["items_done"], detail["items_expected"]

    assert items(items_done="2", items_expected="3") == (2, 3)
    assert items(items_done="0", items_expected="3") == (0, 3)
    assert items(items_done="0", items_expected="0") == items() == (None, None)


def test_the_step_is_numbered_among_those_of_the_job_type(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = [step.name for step in JOB_TYPES["create_world"].steps]
    details = [
        progress_detail(monkeypatch, DurationEstimate(30, 45), 1, step=step)
        for step in (steps[1], "undeclared")
    ]

    assert [detail["step_index"] for detail in details] == [2, None]
    assert {detail["step_count"] for detail in details} == {len(steps)}
    assert (
        progress_detail(monkeypatch, DurationEstimate(30, 45), 1, type="unknown")["step_count"]
        is None
    )


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
def test_links_depend_on_the_status(status: str, links: set[str]) -> None:
    assert set(represent_job(WAITING | {"status": status})["links"]) == links


def test_json_fields_come_back_as_values() -> None:
    """Given stored JSON / I expect values, with empty lists and big integers as they were."""
    job = represent_job(WAITING | {"result": '[{"a":[]}]', "usage": '{"n":9007199254740993}'})

    assert job["result"] == [{"a": []}]
    assert job["usage"] == {"n": 9007199254740993}


def test_every_job_has_the_same_shape() -> None:
    """Given jobs in each status / I expect the same fields, so that clients need not ask which."""
    shapes = {tuple(represent_job(WAITING | {"status": status})) for status in Status}

    assert len(shapes) == 1


def test_internal_fields_are_not_shown() -> None:
    hidden: dict[str, Any] = {
        "lease_holder": "w",
        "fingerprint": "fp",
        "idempotency_slot": "x",
        "cancel": "now",
    }

    assert not set(hidden) & set(represent_job(WAITING | hidden))


@pytest.mark.parametrize("nothing", [None, "", "0"])
def test_no_time_is_no_timestamp(nothing: str | None) -> None:
    assert timestamp(nothing) is None


def test_timestamps_are_rfc_3339_in_utc() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", str(timestamp("1700000000000")))
