"""Events of a job's stream: how they change the job, and how a broken stream is resumed."""

from collections.abc import Mapping
from typing import Any

from loresmith.client.job_stream import JobStream
from loresmith.client.models import Job
from loresmith.client.waiting import wait
from tests.unit.loresmith.client.network import Network, job, response

COMPLETED = response(200, job("completed", 9, progress=100, result=[1]))


def event(type: str, seq: int, **more: Any) -> dict[str, Any]:
    body = {"type": type, "seq": seq, "status": "processing", "progress": 20 + seq}
    return body | {"message": "Generating...", "attempt": 1, "step": "generate"} | more


def after(*events: Mapping[str, Any], **fields: Any) -> Job:
    """Applies the events to a job with these fields."""
    stream = JobStream(Job.from_json(job(version=1, **fields)))
    for each in events:
        stream.apply(each)
    return stream.job


def texts(network: Network) -> list[str]:
    """Waits for the job, and returns the text at each update."""
    updates: list[str] = []

    def on_update(update: Job) -> None:
        updates.append((update.partial_result or {}).get("text", ""))

    completed = network.run(wait, "j1", on_update=on_update, sender={"streams": True})
    assert completed.result == [1]
    return updates


def test_text_and_items_accumulate() -> None:
    changed = after(
        event("delta", 2, offset=0, text="Once "),
        event("delta", 3, offset=5, text="upon"),
        event("item", 4, index=0, item={"name": "Ada"}),
        event("progress", 5, source="items"),
    )

    assert (changed.progress, changed.progress_source, changed.version) == (25, "items", 5)
    assert changed.partial_result["text"] == "Once upon"
    assert changed.partial_result["items"] == [{"name": "Ada"}]


def test_the_cost_is_updated_and_the_estimate_stays() -> None:
    changed = after(
        event("cost", 2, cost={"actual": 0.004}), cost={"estimate": 0.01, "actual": 0.0}
    )

    assert changed.cost == {"estimate": 0.01, "actual": 0.004}


def test_a_repeated_event_changes_nothing() -> None:
    delta = event("delta", 2, offset=0, text="Once ")

    assert after(delta, delta, event("progress", 1)).partial_result["text"] == "Once "


def test_a_delta_replaces_the_text_after_its_offset_and_a_step_starts_empty() -> None:
    changed = after(
        event("delta", 2, offset=0, text="{ broken"),
        event("delta", 3, offset=0, text="{}"),
        event("step", 4, step="second", state="started"),
    )

    assert (changed.partial_result["step"], changed.partial_result["text"]) == ("second", "")


def test_a_stream_is_followed_to_its_end_and_then_polled_once() -> None:
    stream = [event("delta", 2, offset=0, text="Once"), event("done", 3, status="completed")]
    network = Network([response(200, job(version=1)), COMPLETED], [stream])

    assert texts(network) == ["", "Once", ""]
    assert network.pauses == []
    assert len(network.requests) == 2


def test_a_broken_stream_is_resumed_without_loss_or_repetition() -> None:
    """Given a stream that breaks in a text / when the next one begins with a snapshot
    / I expect the text to continue from there.
    """
    first = [event("delta", 2, offset=0, text="Once ")]
    snapshot = job(version=3, partial_result={"step": "generate", "text": "Once up", "items": []})
    second = [
        {"type": "snapshot", "seq": 3, "job": snapshot},
        event("delta", 4, offset=7, text="on"),
        event("done", 5, status="completed"),
    ]
    script = [response(200, job()), response(200, job(version=3)), COMPLETED]
    network = Network([*script], [first, second])

    assert [text for text in texts(network) if text] == ["Once ", "Once up", "Once upon"]


def test_without_streams_the_job_is_polled() -> None:
    """Given a proxy that has no streams / I expect polls, with pauses."""
    polls = [response(200, job(version=version), retry_after="3") for version in (1, 2)]
    network = Network([*polls, COMPLETED])

    texts(network)

    assert network.pauses == [3.0, 3.0]
