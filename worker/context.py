"""What a running kind may ask of the world: model calls, and a place for worlds."""

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from jobs.crashpoints import crashpoint
from jobs.errors import JobError, JobLost, JobStopped, OutputUnusable, TimedOut
from jobs.job import Record, json_text
from jobs.kind import Recipe
from protos.lore.v1 import lore_pb2 as pb
from worker.lengths import Lengths
from worker.lore_client import LoreClient
from worker.patience import patiently
from worker.received import Received
from worker.run import Run
from worker.shelf import Shelf
from worker.store import Store
from worker.usage import Usage

CACHE = {"use": pb.CACHE_USE, "skip": pb.CACHE_SKIP, "only": pb.CACHE_ONLY}

T = TypeVar("T")
OutputT = TypeVar("OutputT", bound=BaseModel)


class JobContext:
    """jobs.context.Context for one run, and what the run has to show at its end."""

    def __init__(
        self, run: Run, store: Store, lore: LoreClient, shelf: Shelf, lengths: Lengths
    ) -> None:
        self._run = run
        self._store = store
        self._lore = lore
        self._shelf = shelf
        self._lengths = lengths
        self._stored: dict[str, str] | None = None
        self._broken: Received | None = None
        self._broken_step = ""
        self._world: dict[str, Any] | None = None
        self.outputs: dict[str, str] = {}
        """Output of each step that is done, as JSON."""
        self.usage = Usage.of(run.record)
        self.bound = 0
        """Tokens that the answers asked for in this run may have, together."""
        self.model = run.record.get("model") or ""
        """The model that answers."""
        self.made_now = run.ring.attempt == 1
        """Whether all of it was made in this run, so that its duration is worth remembering."""

    @property
    def job_id(self) -> str:
        return self._run.job_id

    def call(self, step: str, recipe: Recipe[Any, OutputT], input: BaseModel) -> OutputT:
        """See jobs.context.Context."""
        self._run.check()
        self._run.meter.begin(step)
        self._run.live.say("step", step, "started", _wanted(recipe, input))
        output = self._checkpoints().get(step)
        if output is None:
            self._run.check_before_call()
            output = self._keep(step, self._ask(step, recipe, input))
        made = _parsed(step, recipe, output)
        self.outputs[step] = output
        self._run.meter.end(step)
        self._run.live.say("step", step, "completed")
        return made

    def save_world(self, *, user_id: str, title: str, theme: str, world: dict[str, Any]) -> str:
        """See jobs.context.Context."""
        self._world = world
        self._run.check()
        if self._run.kind:
            self._run.meter.finalize(self._run.kind.finalizing)
        self._shelf.save_world(
            id=self.job_id,
            user_id=user_id,
            title=title,
            theme=theme,
            model=self.model,
            content=world,
        )
        return self.job_id

    def so_far(self) -> dict[str, Any]:
        """Fields of the record that grow with each call."""
        return {"usage": self.usage.as_json(), "model": self.model or None}

    def partial_result(self) -> Any:
        """What there is to show of a job that ends without a result; None when there is nothing."""
        if self._world is not None:
            return self._world
        shown: dict[str, Any] = {}
        if self.outputs:
            shown["steps"] = {step: from_json(output) for step, output in self.outputs.items()}
        if self._broken and (self._broken.text or self._broken.items):
            items = [from_json(item) for _, item in sorted(self._broken.items.items())]
            shown |= {
                "step": self._broken_step,
                "text": self._broken.text,
                "items": items,
                "complete_items": len(items),
            }
        return shown or None

    def _checkpoints(self) -> dict[str, str]:
        """A first attempt has none, and need not ask."""
        if self._stored is None:
            self._stored = {} if self._run.ring.attempt == 1 else self._read_checkpoints()
        return self._stored

    def _read_checkpoints(self) -> dict[str, str]:
        return self._patiently(
            lambda: self._store.checkpoints(self.job_id), "reading its checkpoints"
        )

    def _ask(self, step: str, recipe: Recipe[Any, Any], input: BaseModel) -> Received:
        if self._run.seconds_left <= 0:
            raise TimedOut
        request = self._request(step, recipe, input)
        self.bound += recipe.max_output_tokens(input)
        crashpoint("W2")
        call = self._lore.generate(request, self._run.seconds_left)
        wanted = _wanted(recipe, input)
        known = (recipe.name, request.model)
        self._run.live.begin(step, call.received, wanted, self._lengths.expected(*known, wanted))
        try:
            with self._run.waiting_for(call):
                received = call.wait(self._run.seconds_left)
        except (JobError, JobStopped) as ending:
            self._broken, self._broken_step = call.received, step
            self._count(call.received)
            raise self._run.stopped_by or ending from None
        finally:
            self._run.live.end()
        self._count(received)
        self._lengths.learn(*known, len(received.text), wanted - len(request.finished_items))
        self._run.live.say("usage", step, self.usage.as_json())
        return received

    def _request(self, step: str, recipe: Recipe[Any, Any], input: BaseModel) -> pb.GenerateRequest:
        generation = self._run.record.get("generation", "0")
        return pb.GenerateRequest(
            call_id=f"{self.job_id}/{step}/{generation}",
            job_id=self.job_id,
            attempt=self._run.ring.attempt,
            recipe=recipe.name,
            input_json=input.model_dump_json(),
            model=self._run.record.get("model") or "",
            fingerprint=recipe.fingerprint,
            finished_items=finished_items(self._run.record, step, recipe, input),
            cache=CACHE[from_json(self._run.record.get("options", "{}")).get("cache", "use")],
        )

    def _keep(self, step: str, received: Received) -> str:
        """Checkpoints the output of a call, and answers what is stored: the first writer wins."""
        crashpoint("W4")
        output = received.result.output_json if received.result else ""
        stored = self._patiently(
            lambda: self._store.checkpoint(self._run.ring, step, output, self.so_far()),
            f"the output of step {step}",
        )
        if stored is None:
            raise self._run.stopped_by or JobLost()
        crashpoint("W5")
        return stored

    def _count(self, received: Received) -> None:
        self.usage += received.usage
        self.model = received.model or self.model
        self.made_now = self.made_now and received.made_now

    def _patiently(self, action: Callable[[], T], what: str) -> T:
        return patiently(action, lambda: self._run.is_lost, f"job {self.job_id}: {what}")


def _wanted(recipe: Recipe[Any, Any], input: BaseModel) -> int:
    """How many entities a call must bring; 0 where it brings no list."""
    return recipe.count(input) if recipe.items and recipe.count else 0


def finished_items(
    record: Record, step: str, recipe: Recipe[Any, Any], input: BaseModel
) -> list[str]:
    """Entities that an earlier attempt at this step finished, as JSON texts: they are kept, and
    only the rest is bought. Empty when there are none, or when no rest would be left to ask for.
    """
    partial = from_json(record.get("partial_result") or "null")
    if not (recipe.items and recipe.count and isinstance(partial, dict)):
        return []
    if partial.get("step") != step:
        return []
    items = [json_text(item) for item in partial.get("items") or [] if recipe.is_item(item)]
    return items if len(items) < recipe.count(input) else []


def _parsed(step: str, recipe: Recipe[Any, OutputT], output: str) -> OutputT:
    try:
        return recipe.output.model_validate_json(output)
    except ValidationError as error:
        raise OutputUnusable(
            f"The output of step {step} does not fit the recipe {recipe.name}: "
            f"{error.error_count()} errors"
        ) from None
