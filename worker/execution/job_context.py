"""The interface that a running job type has to model calls and to the archive."""

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from loresmith.jobs.core.errors import JobError, JobLost, JobStopped, OutputUnusable, TimedOut
from loresmith.jobs.core.placeholders import WITHHOLDS
from loresmith.jobs.types.base import CachePolicy
from loresmith.jobs.types.finished_items import finished_items
from loresmith.jobs.types.model_call import ModelCallSpec
from loresmith.protos.lore.v1 import lore_pb2 as pb
from loresmith.worker.adapters.archive_sink import WorldArchive
from loresmith.worker.adapters.job_store import WorkerJobStore
from loresmith.worker.adapters.redis_retry import retry_until_available
from loresmith.worker.execution.attempt import JobAttempt
from loresmith.worker.execution.run_summary import RunSummary, usage_fields
from loresmith.worker.model_client.client import LoreClient
from loresmith.worker.model_client.response_accumulator import ResponseAccumulator
from loresmith.worker.model_client.token_totals import TokenTotals
from loresmith.worker.progress.text_length_stats import TextLengthStats

CACHE: dict[CachePolicy, Any] = {"use": pb.CACHE_USE, "skip": pb.CACHE_SKIP, "only": pb.CACHE_ONLY}

T = TypeVar("T")
OutputT = TypeVar("OutputT", bound=BaseModel)


class JobContext:
    """Implements jobs.types.context.Context for one attempt, and summarizes its run."""

    def __init__(
        self,
        attempt: JobAttempt,
        store: WorkerJobStore,
        client: LoreClient,
        archive: WorldArchive,
        text_lengths: TextLengthStats,
    ) -> None:
        self._attempt = attempt
        self._store = store
        self._client = client
        self._archive = archive
        self._text_lengths = text_lengths
        self._checkpoints: dict[str, str] | None = {} if attempt.is_first else None
        self._outputs: dict[str, str] = {}
        self._failed_call: tuple[str, ResponseAccumulator] | None = None
        self._world: dict[str, Any] | None = None
        self._usage = TokenTotals.of(attempt.record)
        self._model = attempt.record.get("model") or ""
        self._max_output_tokens = 0
        self._is_representative = attempt.is_first

    @property
    def job_id(self) -> str:
        return self._attempt.job_id

    def call(self, step: str, spec: ModelCallSpec[Any, OutputT], input: BaseModel) -> OutputT:
        """See jobs.types.context.Context."""
        attempt = self._attempt
        attempt.raise_if_stopped()
        attempt.tracker.begin(step)
        attempt.events.emit("step", step, "started", _entity_count(spec, input))
        output = self._stored_outputs().get(step)
        is_stored = output is not None
        if output is None:
            attempt.raise_if_cancelled()
            output = self._checkpoint(step, self._run_call(step, spec, input))
        parsed = _parse_output(step, spec, output)
        self._outputs[step] = output
        attempt.tracker.end(step, reused=is_stored)
        attempt.events.emit("step", step, "completed")
        return parsed

    def save_world(self, *, title: str, theme: str, world: dict[str, Any]) -> str:
        """See jobs.types.context.Context."""
        self._world = world
        self._attempt.raise_if_stopped()
        if self._attempt.record.get("store") == "0":
            return self.job_id
        self._attempt.finalize()
        self._archive.save_world(
            id=self.job_id,
            user_id=self._attempt.record["user_id"],
            title=title,
            theme=theme,
            model=self._model,
            content=world,
            retention_s=float(self._attempt.record.get("world_retention_s", 0)) or None,
        )
        return self.job_id

    def summary(self) -> RunSummary:
        """Summarizes the run so far, with the partial result."""
        return RunSummary(
            self._usage,
            self._model,
            self._max_output_tokens,
            self._is_representative,
            self._partial_result(),
        )

    def _partial_result(self) -> Any:
        if self._world is not None:
            return self._world
        partial: dict[str, Any] = {}
        if self._outputs:
            partial["steps"] = {step: from_json(output) for step, output in self._outputs.items()}
        if self._failed_call:
            step, response = self._failed_call
            items = [from_json(item) for _, item in sorted(response.items.items())]
            if response.text or items:
                partial |= {
                    "step": step,
                    "text": response.text,
                    "items": items,
                    "complete_items": len(items),
                }
        return partial or None

    def _stored_outputs(self) -> dict[str, str]:
        """Returns the outputs of earlier attempts, which are read once."""
        if self._checkpoints is None:
            self._checkpoints = self._retry(lambda: self._store.checkpoints(self.job_id))
        return self._checkpoints

    def _run_call(
        self, step: str, spec: ModelCallSpec[Any, Any], input: BaseModel
    ) -> ResponseAccumulator:
        attempt, events = self._attempt, self._attempt.events
        if attempt.remaining_s <= 0:
            raise TimedOut
        request = self._request(step, spec, input)
        self._max_output_tokens += spec.max_output_tokens(input)
        response = ResponseAccumulator()
        if attempt.is_read_live:
            response.on_text = events.show_now
        call = self._client.generate(request, attempt.remaining_s, response)
        entities, stats_key = _entity_count(spec, input), (spec.name, request.model)
        expected_characters = self._text_lengths.expected(*stats_key, entities)
        events.begin_call(step, call.response, entities, expected_characters)
        if request.finished_items:
            attempt.tracker.keep(step, len(request.finished_items) / entities)
        try:
            with attempt.waiting_for(call):
                response = call.wait(attempt.remaining_s)
        except (JobError, JobStopped) as error:
            self._failed_call = step, call.response
            self._count(call.response)
            raise attempt.stop_reason or error from None
        finally:
            events.end_call()
        self._count(response)
        new_entities = entities - len(request.finished_items)
        self._text_lengths.add(*stats_key, len(response.text), new_entities)
        events.emit("usage", step, self._usage.as_json())
        return response

    def _request(
        self, step: str, spec: ModelCallSpec[Any, Any], input: BaseModel
    ) -> pb.GenerateRequest:
        record = self._attempt.record
        options = from_json(record.get("options", "{}"))
        redact = options.get("redact") or ()
        return pb.GenerateRequest(
            call_id=f"{self.job_id}/{step}/{record.get('generation', '0')}",
            job_id=self.job_id,
            attempt=self._attempt.job.attempt,
            model_call=spec.name,
            input_json=input.model_dump_json(),
            model=record.get("model") or "",
            fingerprint=spec.fingerprint + (WITHHOLDS if redact else ""),
            finished_items=finished_items(record.get("partial_result"), step, spec, input),
            cache=CACHE[self._cache_policy(options)],
            redact=redact,
            live=self._attempt.is_read_live,
        )

    def _cache_policy(self, options: dict[str, Any]) -> CachePolicy:
        job_type = self._attempt.job_type
        policy: CachePolicy = options.get("cache") or (job_type.cache if job_type else "skip")
        return policy

    def _checkpoint(self, step: str, response: ResponseAccumulator) -> str:
        """Stores the output of a call, and returns the stored one: the first writer wins."""
        output = response.result.output_json if response.result else ""
        fields = usage_fields(self._usage, self._model) | self._attempt.tracker.after(step)
        fields["waits"] = fields["losses_in_a_row"] = 0
        stored = self._retry(
            lambda: self._store.checkpoint(self._attempt.job, step, output, fields)
        )
        if stored is None:
            raise self._attempt.stop_reason or JobLost()
        return stored

    def _count(self, response: ResponseAccumulator) -> None:
        self._usage += response.usage
        self._model = response.model or self._model
        self._is_representative = self._is_representative and response.is_new_call

    def _retry(self, action: Callable[[], T]) -> T:
        return retry_until_available(action, lambda: self._attempt.is_lost)


def _entity_count(spec: ModelCallSpec[Any, Any], input: BaseModel) -> int:
    """Returns how many entities a call must return; 0 for no list."""
    return spec.count(input) if spec.items and spec.count else 0


def _parse_output(step: str, spec: ModelCallSpec[Any, OutputT], output: str) -> OutputT:
    try:
        return spec.output.model_validate_json(output)
    except ValidationError as error:
        raise OutputUnusable(
            f"The output of step {step} does not match the spec {spec.name}: "
            f"{error.error_count()} errors"
        ) from None
