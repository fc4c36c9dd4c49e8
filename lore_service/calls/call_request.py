"""Validates a request for a model call, makes the provider's requests and reads the output."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from loresmith.jobs.core.errors import CallFailed, CallRefused, JobError, OutputUnusable
from loresmith.jobs.core.job_record import budget_name
from loresmith.jobs.core.placeholders import WITHHOLDS, Placeholders
from loresmith.jobs.core.sensitive_values import KINDS
from loresmith.jobs.core.settings.providers import ModelRef, ProviderTable
from loresmith.jobs.types.model_call import ModelCallSpec
from loresmith.jobs.types.registry import JOB_TYPES, MODEL_CALLS
from loresmith.lore_service.calls.json_answers import json_answers
from loresmith.lore_service.calls.refusals import Refusal, summed_up
from loresmith.lore_service.ledger.ledger import CallId
from loresmith.lore_service.providers.errors import (
    CallError,
    CallFailure,
    VersionMismatch,
    invalid,
)
from loresmith.lore_service.providers.request import ProviderRequest
from loresmith.lore_service.providers.response import ProviderResponse
from loresmith.protos.lore.v1 import lore_pb2 as pb

TIME_LIMITS = {
    name: max(each.timeout_s for each in JOB_TYPES.values() if spec in each.specs)
    for name, spec in MODEL_CALLS.items()
}
"""Seconds that a job may take, by the name of its model call."""

CACHE_MODES = {pb.CACHE_USE: "use", pb.CACHE_ONLY: "only"}

REPAIR_PROMPT = (
    "That answer cannot be used: {why}\n"
    "Write all of it again, as JSON that fits the schema, and nothing else."
)
CONTINUATION_PROMPT = (
    "These {field} are written already and will be kept:\n{items}\n"
    "Write only the {count} that are missing. They must differ from these and belong with them."
)

LOCAL = "local"
"""How a response was repaired: by reading it with tolerance. Nothing was bought for it."""
MAX_REFUSAL_CHARACTERS = 500
MAX_REPORTED_ERRORS = 8
"""Validation errors of a response that its failure lists."""


@dataclass(frozen=True)
class CallRequest:
    """A request for one model call."""

    call_id: CallId
    attempt: int
    spec: ModelCallSpec[Any, Any]
    input: BaseModel
    model: ModelRef
    max_output_tokens: int
    finished_items: tuple[str, ...] = ()
    """Items of an earlier attempt as JSON texts."""
    redact: tuple[str, ...] = ()
    """Kinds of values that the provider must not see."""
    is_live: bool = False
    """Whether the caller wants text as soon as it arrives."""
    fallbacks: tuple[ModelRef, ...] = ()
    """The models to try, in order, while the ones before took no request."""
    refusals: tuple[Refusal, ...] = ()
    """Of the models that were tried before."""
    cache: str = ""
    """`use`: a cached response will do; `only`: nothing is bought; empty: no cached response."""

    @classmethod
    def of(cls, message: pb.GenerateRequest, providers: ProviderTable) -> "CallRequest":
        """Validates a message. Raises CallError."""
        spec = MODEL_CALLS.get(message.model_call)
        if spec is None:
            raise VersionMismatch(message.model_call)
        fingerprint = spec.fingerprint + (WITHHOLDS if message.redact else "")
        if message.fingerprint not in ("", fingerprint) or not {*message.redact} <= {*KINDS}:
            raise VersionMismatch(spec.name)
        try:
            call_id = CallId.parse(message.call_id)
            input = spec.input.model_validate_json(message.input_json)
            model, *fallbacks = providers.resolve_list(message.model)
        except ValidationError as error:
            raise CallError(invalid(f"input of {spec.name}: {_describe(error)}")) from None
        except ValueError as error:
            raise CallError(invalid(str(error))) from None
        if call_id.job_id != message.job_id or call_id.is_repair:
            raise CallError(invalid(f"call_id {message.call_id!r} is not one of this job."))
        finished = tuple(message.finished_items)
        if finished and not (spec.count and len(finished) < spec.count(input)):
            raise CallError(invalid(f"finished_items: {spec.name} has none left to write."))
        limit = spec.max_output_tokens(input)
        return cls(
            call_id=call_id,
            attempt=message.attempt,
            spec=spec,
            input=input,
            model=model,
            fallbacks=tuple(fallbacks),
            max_output_tokens=min(message.max_output_tokens or limit, limit),
            finished_items=finished,
            redact=tuple(message.redact),
            is_live=message.live,
            cache=CACHE_MODES.get(message.cache, ""),
        )

    @property
    def time_limit_s(self) -> float:
        """How long a job of this type may take."""
        return TIME_LIMITS[self.spec.name]

    def row_fields(self, request: ProviderRequest) -> dict[str, str]:
        """Returns the first fields of a request's ledger row."""
        fields = {
            "model_call": self.spec.name,
            "fingerprint": self.spec.fingerprint,
            "model": self.model.name,
            "request": request.fingerprint,
            "pool": self.model.pool,
            "expected_tokens": str(request.expected_tokens),
        }
        if self.fallbacks or self.refusals:
            fields["candidate"] = self.model.name
            fields["model_budget"] = budget_name("model", self.model.name)
        if self.refusals:
            refusals = [
                {"model": name, "error": failure.message} for name, failure in self.refusals
            ]
            fields["refusals"] = to_json(refusals).decode()
        if self.model.provider.name:
            fields["provider"] = self.model.provider.name
        if self.cache:
            fields["cache"] = self.cache
        if self.finished_items:
            fields["finished"] = to_json(self.finished_items).decode()
        return fields

    def without_purchase(self, fields: dict[str, str]) -> dict[str, str]:
        """Returns row fields with which an intent only finds what is known already."""
        return fields | {"cache": "only", "request": fields["request"] if self.cache else ""}

    def after_refusal(self, failure: CallFailure) -> "CallRequest":
        """Returns the request to the next model. Raises CallError when there is none, or when the
        failure is not one that another model may not have.
        """
        refusals = (*self.refusals, (self.model.name, failure))
        if not failure.may_try_another:
            raise CallError(failure)
        if not self.fallbacks:
            raise CallError(summed_up(refusals))
        model, *others = self.fallbacks
        return replace(self, model=model, fallbacks=tuple(others), refusals=refusals)

    def of_row(self, row: Mapping[str, str]) -> "CallRequest":
        """Returns the request to the model that answered, as its ledger row says."""
        models = (self.model, *self.fallbacks)
        model = next((each for each in models if each.name == row.get("candidate")), self.model)
        return replace(self, model=model)

    def provider_request(self) -> ProviderRequest:
        """Makes the request to the provider."""
        messages = self.spec.prompt(self.input).messages()
        if self.finished_items:
            messages.append({"role": "user", "content": self._continuation_prompt()})
        schema = self.spec.schema(self.input, len(self.finished_items))
        parameters = self.spec.parameters(self.input)
        in_json = schema is not None or "response_format" in parameters
        placeholders = Placeholders(self.redact, in_json=in_json)
        return ProviderRequest(
            call_id=str(self.call_id),
            model=self.model.model,
            messages=placeholders.withhold(messages),
            schema_name=self.spec.name.replace(".", "_"),
            schema=schema,
            is_strict=self.spec.is_strict(self.input),
            parameters=parameters,
            max_output_tokens=self.max_output_tokens,
            finished_items=self.finished_items,
            provider=self.model.provider.name,
            placeholders=placeholders,
        )

    def repair_request(self, first: ProviderRequest, text: str, problem: str) -> ProviderRequest:
        """Makes a second request, which shows the unusable text as it came, and its problem."""
        answer = {"role": "assistant", "content": text or "(nothing)"}
        repair = {"role": "user", "content": REPAIR_PROMPT.format(why=problem)}
        messages = [*first.messages, answer, *first.placeholders.replace([repair])]
        return replace(first, call_id=str(self.call_id.repair()), messages=messages)

    def parse_output(self, response: ProviderResponse) -> BaseModel:
        """Reads the output of a complete response. Raises CallError: refused or unusable.

        A text that fits is the answer, also without a proper end.
        """
        accepted: BaseModel | None = self.spec.accept(self.input, response.as_answer())
        if accepted:
            return accepted
        if response.finish_reason == "content_filter":
            raise _unusable(response, CallRefused, _refusal(response))
        try:
            return self._parse(response)
        except ValueError as error:
            mismatch = _describe(error) if isinstance(error, ValidationError) else str(error)
        if response.refusal:
            raise _unusable(response, CallRefused, _refusal(response))
        if response.finish_reason == "length":
            raise _unusable(
                response,
                OutputUnusable,
                f"The answer was cut off at its maximum of {self.max_output_tokens} tokens, "
                "which includes the model's reasoning.",
            )
        if response.finish_reason == "error":
            raise _unusable(response, CallFailed, "The provider ended the answer with an error.")
        if not response.text.strip():
            raise _unusable(response, OutputUnusable, "The answer is empty.")
        raise _unusable(response, OutputUnusable, mismatch)

    def fits(self, response: ProviderResponse) -> bool:
        """Whether the text is a whole answer, however the response ended."""
        try:
            self._parse(response)
        except Exception:  # a job type's own validators may raise anything
            return False
        return True

    def _parse(self, response: ProviderResponse) -> BaseModel:
        """Reads the text once, if need be with tolerance. Raises ValueError: what does not fit."""
        if response.output is None:
            response.output = self._parse_text(response)
        return response.output

    def _parse_text(self, response: ProviderResponse) -> BaseModel:
        text, finished = response.restored_text, response.finished_items
        try:
            output: BaseModel = self.spec.parse(self.input, text, finished)
        except ValueError:
            for candidate in json_answers(text, self._schema(finished)):
                with suppress(ValueError):
                    output = self.spec.parse(self.input, candidate, finished)
                    response.repaired = LOCAL
                    return output
            raise
        return output

    def _schema(self, finished: Sequence[str]) -> dict[str, Any]:
        return self.spec.schema(self.input, len(finished)) or {}

    def _continuation_prompt(self) -> str:
        count = self.spec.count(self.input) if self.spec.count else 0
        return CONTINUATION_PROMPT.format(
            field=self.spec.items,
            items="\n".join(self.finished_items),
            count=count - len(self.finished_items),
        )


def is_repairable(failure: CallFailure, response: ProviderResponse) -> bool:
    """Whether a second request may help: not after a refusal, nor after the maximum length."""
    return failure.code == OutputUnusable.code and response.finish_reason != "length"


def _unusable(response: ProviderResponse, error: type[JobError], message: str | None) -> CallError:
    return CallError(
        CallFailure.of(
            error,
            message,
            may_be_bought=True,
            text=response.text or response.refusal,
            usage=response.usage,
        )
    )


def _refusal(response: ProviderResponse) -> str | None:
    refusal = response.refusal[:MAX_REFUSAL_CHARACTERS]
    return f"The model refused: {refusal}" if refusal else None


def _describe(error: ValidationError) -> str:
    """Lists the first few errors, each with its location."""
    errors = error.errors(include_url=False, include_context=False, include_input=False)
    if any(each["type"] == "json_invalid" for each in errors):
        return "There is no whole JSON object in the text."
    lines = (
        f"{'.'.join(map(str, each['loc'])) or 'the text'}: {each['msg']}"
        for each in errors[:MAX_REPORTED_ERRORS]
    )
    return "; ".join(lines) + (" …" if len(errors) > MAX_REPORTED_ERRORS else "")
