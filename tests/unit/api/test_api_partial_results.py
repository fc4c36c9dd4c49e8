"""What the running attempt has written so far, read from the events of its job."""

from loresmith.api.events.serializers import accumulate


def event(type: str, attempt: int, **fields: str) -> dict[str, str]:
    return {"type": type, "attempt": str(attempt), **fields}


def test_text_and_items_of_the_running_step() -> None:
    events = [
        event("step", 1, step="generate"),
        event("delta", 1, offset="0", text="Once "),
        event("item", 1, index="0", item='{"name": "Ama"}'),
        event("delta", 1, offset="5", text="upon"),
    ]

    assert accumulate(events) == {
        "step": "generate",
        "text": "Once upon",
        "items": [{"name": "Ama"}],
        "complete_items": 1,
    }


def test_an_earlier_attempt_is_left_out() -> None:
    """Given the events of a failed attempt and a new one / I expect what the new one wrote."""
    before = [event("step", 1, step="generate"), event("item", 1, index="0", item="{}")]
    after = [event("status", 2), event("step", 2, step="generate")]

    assert accumulate([*before, *after]) is None
    written = accumulate([*before, *after, event("delta", 2, offset="0", text="New")])
    assert written is not None
    assert (written["text"], written["items"]) == ("New", [])


def test_a_waiting_job_shows_its_last_attempt_and_a_retried_one_does_not() -> None:
    """Given an attempt that gave its job back / I expect what it wrote; after the end, nothing."""
    written = [event("step", 1, step="generate"), event("delta", 1, offset="0", text="Once")]
    waiting = [*written, event("status", 2)]

    partial = accumulate(waiting)
    assert partial is not None
    assert partial["text"] == "Once"
    assert accumulate([*waiting, event("done", 2), event("status", 3)]) is None
