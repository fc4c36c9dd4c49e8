"""The models of jobs/core/events.py describe every event that the api sends."""

import pytest
from pydantic import TypeAdapter, ValidationError

from loresmith.api.events.serializers import OWN_FIELDS
from loresmith.jobs.core.events import (
    ALL_JOBS_STREAM,
    EVENT_TYPES,
    JOB_STREAM,
    AllJobsEvent,
    JobEvent,
    type_of,
)
from tests.architecture.snapshots.recording import recorded


def test_every_sent_event_fits_its_model() -> None:
    """Given the events of jobs that run, fail, wait and are cancelled
    / I expect each to have exactly the fields of its model, and every type among them.
    """
    job_events, all_jobs_events = TypeAdapter(JobEvent), TypeAdapter(AllJobsEvent)
    events = recorded().received

    for event in events:
        adapter = all_jobs_events if event["type"] == "counts" or "jobs" in event else job_events
        adapter.validate_python(event)

    types = {type_of(model) for model in (*JOB_STREAM, *ALL_JOBS_STREAM)}
    assert {event["type"] for event in events} == types


def test_an_event_with_another_field_fits_no_model() -> None:
    with pytest.raises(ValidationError, match="extra_forbidden"):
        TypeAdapter(JobEvent).validate_python({"type": "reset", "job_id": "j", "place": 1})


def test_the_serializers_know_only_types_of_the_union() -> None:
    assert set(OWN_FIELDS) <= set(EVENT_TYPES)
