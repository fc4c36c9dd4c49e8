"""The interface that a running job type has to its worker: model calls, plain code, the archive."""

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from loresmith.jobs.core.errors import JobError, JobLost, JobStopped, OutputUnusable, TimedOut
from loresmith.jobs.core.logs.job_type_logger import JobTypeLogger, one_line
from loresmith.jobs.core.placeholders import WITHHOLDS
from loresmith.jobs.safe_http.interface import HttpClient
from loresmith.jobs.types.base import CachePolicy
from loresmith.jobs.types.context import ContextMisused
from loresmith.jobs.types.finished_items import finished_items
from loresmith.jobs.types.model_call import ModelCallSpec
from loresmith.protos.lore.v1 import lore_pb2 as pb
from loresmith.worker.adapters.archive_sink import WORLD, ResultArchive
from loresmith.worker.adapters.job_store import WorkerJobStore
from loresmith.worker.execution.attempt import JobAttempt
from loresmith.worker.execution.job_http import JobHttp
from loresmith.worker.execution.plain_step import PlainStep, result_text
from loresmith.worker.execution.run_summary import RunSummary, usage_fields
from loresmith.worker.execution.step_checkpoints import StepCheckpoints
from loresmith.worker.model_client.client import LoreClient
from loresmith.worker.model_client.response_accumulator import ResponseAccumulator
from loresmith.worker.model_client.token_totals import TokenTotals
from loresmith.worker.progress.text_length_stats import TextLengthStats

MAX_LABEL_CHARACTERS = 120
CACHE: dict[CachePolicy, Any] = {"use": pb.CACHE_USE, "skip": pb.CACHE_SKIP, "only": pb.CACHE_ONLY}

OutputT = TypeVar("OutputT", bound=BaseModel)


class JobContext:
    """Implements jobs.types.context.Context for one attempt, and summarizes its run."""

    def __init__(
        self,
        attempt: JobAttempt,
        store: WorkerJobStore,
        client: LoreClient,
        archive: ResultArchive,
        text_lengths: TextLengthStats,
        http: JobHttp,
    ) -> None:
        self._attempt = attempt
        self._client = client
        self._archive = archive
        self._text_lengths = text_lengths
        self._steps = StepCheckpoints(attempt, store, self._usage_fields)
        self._failed_call: tuple[str, ResponseAccumulator] | None = None
        self._saved: dict[str, Any] | None = None
        self._http = http
        self._usage = TokenTotals.of(attempt.record)
        self._model = attempt.record.get("model") or ""
        self._asked_model = ""
        self._max_output_tokens = 0
        self._is_representative = attempt.is_first

    @property
    def job_id(self) -> str:
        return self._attempt.job_id

    @property
    def log(self) -> JobTypeLogger:
        """See jobs.types.context.Context."""
        return JobTypeLogger(self._attempt.record["type"])

    @property
    def http(self) -> HttpClient:
        """See jobs.types.context.Context."""
        return self._http

    def call(self, step: str, spec: ModelCallSpec[Any, OutputT], input: BaseModel) -> OutputT:
        """See jobs.types.context.Context."""

        def make() -> str:
            response = self._run_call(step, spec, input)
            return response.result.output_json if response.result else ""

        def read(output: str) -> OutputT:
            return _parse_output(step, spec, output)

        return self._steps.run(step, make, read, _entity_count(spec, input))

    def step(self, name: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """See jobs.types.context.Context."""

        def make() -> str:
            self._attempt.raise_if_over()
            try:
                return result_text(name, PlainStep(name, function, arguments).run(self._attempt))
            except JobStopped as stopped:
                self._http.stop(stopped)
                raise
            except TimedOut:
                self._http.stop(JobLost())
                raise

        return self._steps.run(name, make, from_json)

    def progress(self, percent: float, message: str = "") -> None:
        """See jobs.types.context.Context."""
        self.raise_if_cancelled()
        self._attempt.events.report(percent / 100, one_line(message, MAX_LABEL_CHARACTERS))

    def raise_if_cancelled(self) -> None:
        """See jobs.types.context.Context."""
        self._attempt.raise_if_over()

    def save(self, title: str, content: dict[str, Any]) -> str:
        """See jobs.types.context.Context."""
        return self._save(self._attempt.record["type"], title, "", content)

    def save_world(self, *, title: str, theme: str, world: dict[str, Any]) -> str:
        """See jobs.types.context.Context."""
        return self._save(WORLD, title, theme, world)

    def _save(self, kind: str, title: str, theme: str, content: dict[str, Any]) -> str:
        if self._attempt.runs_plain_step:
            raise ContextMisused("save is called inside a step; call it after that has ended")
        self._saved = content
        self._attempt.raise_if_stopped()
        if self._attempt.record.get("store") == "0":
            return self.job_id
        if kind == WORLD:
            self._attempt.finalize()
        self._archive.save(
            id=self.job_id,
            user_id=self._attempt.record["user_id"],
            kind=kind,
            title=title,
            theme=theme,
            model=self._model,
            content=content,
            retention_s=float(self._attempt.record.get("world_retention_s", 0)) or None,
        )
        return self.job_id

    def summary(self) -> RunSummary:
        """Summarizes the run so far, with the partial result."""
        return RunSummary(
            self._usage,
            self._model,
            self._asked_model,
            self._max_output_tokens,
            self._is_representative,
            self._partial_result(),
        )

    def _partial_result(self) -> Any:
        if self._saved is not None:
            return self._saved
        partial: dict[str, Any] = {}
        if outputs := self._steps.outputs:
            partial["steps"] = {step: from_json(output) for step, output in outputs.items()}
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
            model=options.get("model") or "",
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

    def _usage_fields(self) -> dict[str, Any]:
        return usage_fields(self._usage, self._model)

    def _count(self, response: ResponseAccumulator) -> None:
        self._usage += response.usage
        self._model = response.model or self._model
        if response.accepted:
            self._asked_model = response.accepted.model
        self._is_representative = self._is_representative and response.is_new_call


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
