"""A job followed by its stream: each event makes the next picture, and a break loses nothing."""

from collections.abc import Mapping
from typing import Any

from loresmith.following import Following
from loresmith.job import Job
from loresmith.wire import Ask, Heard, Listen, Reply
from tests.unit.loresmith.network import Network, job, reply


def event(kind: str, seq: int, **more: Any) -> dict[str, Any]:
    told = {"type": kind, "seq": seq, "status": "processing", "progress": 20 + seq}
    return told | {"message": "Generating...", "attempt": 1, "step": "generate"} | more


def follow(*events: Mapping[str, Any]) -> Job:
    following = Following(Job.read(job(version=1)))
    for each in events:
        following.take(each)
    return following.job


def test_text_and_entities_grow() -> None:
    made = follow(
        event("delta", 2, offset=0, text="Once "),
        event("delta", 3, offset=5, text="upon"),
        event("item", 4, index=0, item={"name": "Ada"}),
        event("progress", 5, source="items"),
    )

    assert (made.progress, made.progress_source, made.version) == (25, "items", 5)
    assert made.partial_result["text"] == "Once upon"
    assert made.partial_result["items"] == [{"name": "Ada"}]


def test_the_cost_grows_beside_the_estimate() -> None:
    following = Following(Job.read(job(version=1, cost={"estimate": 0.01, "actual": 0.0})))

    following.take(event("cost", 2, cost={"actual": 0.004}))

    assert following.job.cost == {"estimate": 0.01, "actual": 0.004}


def test_what_was_seen_before_changes_nothing() -> None:
    """Given a connection that tells again what is known / I expect no text twice."""
    piece = event("delta", 2, offset=0, text="Once ")

    assert follow(piece, piece, event("progress", 1)).partial_result["text"] == "Once "


def test_a_text_that_begins_anew_takes_the_place_of_the_old() -> None:
    made = follow(
        event("delta", 2, offset=0, text="{ broken"),
        event("delta", 3, offset=0, text="{}"),
        event("step", 4, step="second", state="started"),
    )

    assert (made.partial_result["step"], made.partial_result["text"]) == ("second", "")


class Played(Network):
    """A network with streams: each connection is a list of events, and ends after them."""

    def __init__(self, script: list[Any], *streams: list[dict[str, Any]] | None) -> None:
        super().__init__(script)
        self.streams, self.open = list(streams), None

    def hold(self, talk: Any) -> Any:
        came: Any = None
        self.open: list[dict[str, Any]] | None = None
        while True:
            try:
                wanted = talk.send(came)
            except StopIteration as end:
                return end.value
            if isinstance(wanted, Listen):
                came = self._next()
                continue
            self.open = None
            came = self._answer(wanted) if isinstance(wanted, Ask) else self._sleep(wanted)

    def _next(self) -> Heard | None:
        if self.open is None:
            self.open = self.streams.pop(0) if self.streams else None
        return Heard(self.open.pop(0)) if self.open else None

    def _sleep(self, pause: Any) -> None:
        self.pauses.append(pause.seconds)
        self.seconds += pause.seconds


DONE = reply(200, job("completed", 9, progress=100, result=[1]))


def waited(network: Played) -> list[str]:
    """The texts that a wait was told, in order."""
    told: list[str] = []

    def on_update(each: Job) -> None:
        told.append((each.partial_result or {}).get("text", ""))

    done = network.hold(network.operations(streams=True).wait("j1", on_update=on_update))
    assert done.result == [1]
    return told


def test_a_stream_is_followed_to_the_end_and_then_looked_at_once() -> None:
    stream = [event("delta", 2, offset=0, text="Once"), event("done", 3, status="completed")]
    network = Played([reply(200, job(version=1)), DONE], stream)

    assert waited(network) == ["", "Once", ""]
    assert network.pauses == []
    assert len(network.asks) == 2


def test_a_stream_that_breaks_is_taken_up_with_nothing_missing_and_nothing_twice() -> None:
    """Given a stream that breaks in a text / when the next one begins with a snapshot
    / I expect the text to go on from there.
    """
    first = [event("delta", 2, offset=0, text="Once ")]
    whole = job(version=3, partial_result={"step": "generate", "text": "Once up", "items": []})
    second = [
        {"type": "snapshot", "seq": 3, "job": whole},
        event("delta", 4, offset=7, text="on"),
        event("done", 5, status="completed"),
    ]
    network = Played([reply(200, job()), reply(200, job(version=3)), DONE], first, second)

    assert [text for text in waited(network) if text] == ["Once ", "Once up", "Once upon"]


def test_without_streams_it_is_looked_at_now_and_then() -> None:
    """Given a proxy that has no streams / I expect polls, with pauses."""
    looks: list[Reply] = [reply(200, job(version=n), retry_after="3") for n in (1, 2)]
    network = Played([*looks, DONE])

    waited(network)

    assert network.pauses == [3.0, 3.0]
