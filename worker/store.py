"""What the worker does to jobs in Redis: one method, one script of jobs/lua."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from redis import Redis
from redis.exceptions import NoScriptError, RedisError

from jobs import keys
from jobs.doorbell import Ring
from jobs.job import Record
from jobs.scripts import flat, pairs, script
from jobs.states import Message, Phase, Status
from worker.again import Again
from worker.live import News
from worker.patience import raise_passing
from worker.progress import Reading

BEAT_SIZE = 250
"""Jobs in one beat, so that no script holds the server for long."""


@dataclass(frozen=True)
class Outcome:
    """How a job ended: the status it asks for, and the fields of the record."""

    status: Status
    fields: dict[str, Any]
    durations: str = ""
    """Key of the list that its duration belongs in; empty: it says nothing about durations."""


@dataclass(frozen=True)
class _Script:
    name: str
    keys: Sequence[str]
    arguments: Sequence[Any]


@dataclass(frozen=True)
class Claim:
    """What became of a claim: the record, or why not (a word of claim.lua, or the error)."""

    ring: Ring
    record: Record | None
    refusal: str = ""


@dataclass
class Store:
    """The jobs, as one worker sees them. `redis` must decode its replies.

    `owner` is unique to this process: what another one owns, the scripts refuse. Every method may
    raise RedisError.
    """

    redis: Redis = field(repr=False)
    owner: str
    lease_s: float
    ring_again_s: float
    """How long the sweep leaves alone what this worker rings for."""

    def claim(self, rings: Sequence[Ring]) -> list[Claim]:
        """Takes the jobs that are rung for, in one round trip."""
        replies = self._send(
            _Script("claim", [keys.job(ring.job_id)], [*_fence(ring), self.owner, self._lease_ms])
            for ring in rings
        )
        return [_claim(ring, reply) for ring, reply in zip(rings, replies, strict=True)]

    def beat(
        self,
        beats: Sequence[tuple[Ring, Reading]],
        news: Sequence[tuple[Ring, Sequence[News]]] = (),
    ) -> list[str]:
        """Vouches for this worker, renews leases, writes progress and news, all in one round trip;
        answers a word for each job.
        """
        told = [(ring, each) for ring, several in news for each in several]
        pages = [beats[i : i + BEAT_SIZE] for i in range(0, len(beats), BEAT_SIZE)] or [[]]
        tells = [self._tell(told[i : i + BEAT_SIZE]) for i in range(0, len(told), BEAT_SIZE)]
        scripts = [*tells, *(self._beat(page) for page in pages)]
        replies = self._send(scripts)[len(tells) :]
        return [answer for reply in replies for answer in _sound(reply)]

    def checkpoint(self, ring: Ring, step: str, output: str, fields: dict[str, Any]) -> str | None:
        """Stores the output of a step, and fields of the record that grew with it.

        Answers the output that is stored, the first one; None when the job is lost.
        """
        (reply,) = self._send(
            [
                _Script(
                    "checkpoint",
                    [keys.job(ring.job_id), keys.steps(ring.job_id)],
                    [ring.attempt, self.owner, step, output, *flat(fields)],
                )
            ]
        )
        answer = _sound(reply)
        return str(answer[1]) if answer[0] == "ok" else None

    def checkpoints(self, job_id: str) -> dict[str, str]:
        """The outputs that earlier attempts stored, as JSON by step."""
        return self.redis.hgetall(keys.steps(job_id))  # type: ignore[return-value]

    def finish(self, ring: Ring, outcome: Outcome, last: Reading | None = None) -> str:
        """The last word on a job; answers the status it ended in, 'lost' or 'terminal'.

        `last` is what watchers see just before: the ladder's 90.
        """
        before = [self._beat([(ring, last)])] if last else []
        *_, reply = self._send([*before, self._finish(ring, outcome)])
        return str(_sound(reply)[0])

    def try_again(self, ring: Ring, again: Again, message: str, fields: dict[str, Any]) -> str:
        """Gives a job back until its next try is due; answers 'ok', 'cancel' or 'lost'."""
        counts = "again" if again.buys_again else "1"
        wait_ms = int(again.wait_s * 1000)
        (reply,) = self._send(
            [
                _Script(
                    "release",
                    [keys.job(ring.job_id)],
                    [
                        *_fence(ring), self.owner, Phase.RETRY_WAIT, message, wait_ms, counts, 0,
                        *flat(fields),
                    ],
                )
            ]
        )  # fmt: skip
        return str(_sound(reply)[0])

    def release(self, rings: Sequence[Ring], message: str) -> list[Ring]:
        """Gives jobs back; answers the next attempts, to be rung for. Cancelled ones end here."""
        left_alone_ms = int(self.ring_again_s * 1000)
        replies = self._send(
            _Script(
                "release",
                [keys.job(ring.job_id)],
                [*_fence(ring), self.owner, Phase.RECOVERING, message, 0, "0", left_alone_ms],
            )
            for ring in rings
        )
        answers = [(ring, _sound(reply)) for ring, reply in zip(rings, replies, strict=True)]
        cancelled = Outcome(Status.CANCELLED, {"message": Message.CANCELLED})
        self._send(self._finish(ring, cancelled) for ring, said in answers if said[0] == "cancel")
        return [Ring(ring.job_id, int(said[1])) for ring, said in answers if said[0] == "ok"]

    def leave(self) -> None:
        """Takes back the word that this worker lives."""
        self.redis.zrem(keys.WORKERS, self.owner)

    @property
    def _lease_ms(self) -> int:
        return int(self.lease_s * 1000)

    def _tell(self, news: Sequence[tuple[Ring, News]]) -> _Script:
        arguments: list[Any] = [self.owner]
        for ring, each in news:
            arguments += [ring.job_id, ring.attempt, each.number, each.type]
            arguments += [each.step, each.place, each.content]
        return _Script("tell", [], arguments)

    def _beat(self, beats: Sequence[tuple[Ring, Reading]]) -> _Script:
        arguments: list[Any] = [self.owner, self._lease_ms]
        for ring, reading in beats:
            arguments += _fence(ring)
            arguments += (reading.progress, reading.source, reading.phase, reading.message)
        return _Script("beat", [keys.WORKERS], arguments)

    def _finish(self, ring: Ring, outcome: Outcome) -> _Script:
        return _Script(
            "finish",
            [keys.job(ring.job_id)],
            [
                *_fence(ring),
                self.owner,
                outcome.status,
                Message.CANCELLED,
                outcome.durations,
                *flat(outcome.fields),
            ],
        )

    def _send(self, scripts: Iterable[_Script]) -> list[Any]:
        """Replies or errors, in order. A server that forgot the scripts is given them again."""
        scripts = list(scripts)
        if not scripts:
            return []
        replies = self._pipeline(scripts)
        forgotten = [i for i, reply in enumerate(replies) if isinstance(reply, NoScriptError)]
        if forgotten:
            for name in {scripts[i].name for i in forgotten}:
                self.redis.script_load(script(name).source)
            again = self._pipeline([scripts[i] for i in forgotten])
            for i, reply in zip(forgotten, again, strict=True):
                replies[i] = reply
        raise_passing(replies)
        return replies

    def _pipeline(self, scripts: Sequence[_Script]) -> list[Any]:
        with self.redis.pipeline(transaction=False) as pipeline:
            for call in scripts:
                sha = script(call.name).sha
                pipeline.evalsha(sha, len(call.keys), *call.keys, *call.arguments)
            return pipeline.execute(raise_on_error=False)


def _fence(ring: Ring) -> tuple[str, int]:
    return ring.job_id, ring.attempt


def _claim(ring: Ring, reply: Any) -> Claim:
    if isinstance(reply, RedisError):
        return Claim(ring, None, str(reply))
    if reply[0] != "ok":
        return Claim(ring, None, reply[0])
    return Claim(ring, pairs(reply[1:]))


def _sound(reply: Any) -> Any:
    if isinstance(reply, RedisError):
        raise reply
    return reply
