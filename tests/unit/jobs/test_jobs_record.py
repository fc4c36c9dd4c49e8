"""The record of a job, as it is stored."""

from uuid import UUID

import pytest

from loresmith.jobs.core.job_record import PriceQuote, Submission, is_active, json_text, new_id
from loresmith.jobs.core.status import ACTIVE, Status
from loresmith.jobs.statistics.durations import DurationEstimate
from loresmith.jobs.store.scripts import flat


def test_ids_are_uuids_of_version_7() -> None:
    created = UUID(new_id())

    assert (created.version, created.variant) == (7, "specified in RFC 4122")


def test_ids_sort_by_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given ids made in different milliseconds / I expect their order to be that of time."""
    created = []
    for millis in (1, 2, 1_000, 1_700_000_000_000, 281_474_976_710_655):
        monkeypatch.setattr(
            "loresmith.jobs.core.job_record.time.time_ns", lambda now=millis: now * 1_000_000
        )
        created.append(new_id())

    assert created == sorted(created)
    assert UUID(created[-1]).int >> 80 == 281_474_976_710_655


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

    stored = flat(submission.fields(PriceQuote()) | DurationEstimate(30.0, 45.0).fields())

    assert stored[stored.index("expected_s") + 1] == 30.0
    assert stored[stored.index("work_message") + 1] == "Generating..."
    assert not {"model", "session_id", "user_id"} & set(stored[::2])


def test_active_is_what_is_not_finished() -> None:
    assert {status for status in Status if is_active({"status": status})} == ACTIVE
