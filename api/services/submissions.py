"""Turns the body of a create request into a validated job."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Self

from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from loresmith.api.http.body import UNCOMMON, parse_json, validate
from loresmith.api.http.problems import Problem, body_error, truncated, validation_error
from loresmith.api.schemas.requests import NEW_JOB, NEW_JOBS, JobOptions, NewJob
from loresmith.api.services.owners import owner_of
from loresmith.jobs.core.job_fields import INDEXED_FIELDS
from loresmith.jobs.core.job_record import (
    FINGERPRINT_LENGTH,
    PriceQuote,
    Submission,
    json_text,
)
from loresmith.jobs.core.principal import LOCAL, Principal
from loresmith.jobs.core.settings import Settings
from loresmith.jobs.core.settings.providers import (
    LIST_SEPARATOR,
    OPENAI_BASE_URL,
    ModelRef,
    ProviderTable,
    UnknownModel,
)
from loresmith.jobs.types.registry import JOB_TYPES

FINGERPRINT_VERSION = "1"
"""Changing it makes every earlier idempotency key look reused for another request."""
CANONICAL_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
DEFAULT_MAX_ATTEMPTS = 3
ONE_PROVIDER = ProviderTable.of_server(OPENAI_BASE_URL)
COSMETIC_OPTIONS: frozenset[str] = frozenset({"confirm_cost", "priority"})
"""Options that do not make a different request."""
MAX_COUNT = 100
"""The largest count that is tried for a smaller job."""


@dataclass(frozen=True)
class ValidatedJob:
    """A create request: the models that validated it, and the submission to store."""

    payload: BaseModel
    options: JobOptions
    submission: Submission

    def to_store(self, settings: Settings, price: PriceQuote, awaited: int | None) -> Submission:
        """Returns the submission with the server's retention, unless the job has its own. No
        provider's pool keeps a job waiting that makes no model call.
        """
        retention_s = self.options.retention
        makes_no_call = price.expected_tokens == 0 and not JOB_TYPES[self.submission.type].specs
        return replace(
            self.submission,
            pool="" if makes_no_call else self.submission.pool,
            retention_s=retention_s or settings.retention_s,
            world_retention_s=retention_s or settings.world_retention_s,
            awaited=awaited,
            priority=self.options.priority
            or ("interactive" if awaited else self.submission.priority),
        )

    def smaller(self) -> Iterator[tuple[dict[str, Any], Self]]:
        """Yields the same job with smaller counts, the largest first."""
        payload = self.payload.model_dump(mode="json")
        model = JOB_TYPES[self.submission.type].payload
        counts = {
            name: value
            for name, value in payload.items()
            if isinstance(value, int) and not isinstance(value, bool)
        }
        for maximum in range(min(MAX_COUNT, max(counts.values(), default=1) - 1), 0, -1):
            change = {name: maximum for name, value in counts.items() if value > maximum}
            try:
                fewer = model.model_validate(payload | change)
            except ValidationError:
                continue
            yield {"payload": change}, self.with_payload(fewer)

    def with_payload(self, payload: BaseModel) -> Self:
        """Returns the same job with another payload."""
        submission = replace(self.submission, payload=payload.model_dump_json())
        return replace(self, payload=payload, submission=submission)


def parse_submission(
    body: bytes,
    start_deadline_s: float,
    providers: ProviderTable = ONE_PROVIDER,
    principal: Principal = LOCAL,
) -> ValidatedJob:
    """Validates the body of a create request of a principal. Raises Problem.

    `start_deadline_s` is the server's default.
    """
    return submission_of(_parse(body), start_deadline_s, providers, principal)


def submission_of(
    request: NewJob,
    start_deadline_s: float,
    providers: ProviderTable = ONE_PROVIDER,
    principal: Principal = LOCAL,
) -> ValidatedJob:
    """Returns the job that a principal asks for. Raises Problem."""
    owner = owner_of(request, principal)
    if "user_id" in type(request.payload).model_fields:
        payload = request.payload.model_copy(update={"user_id": owner.user_id})
        request = request.model_copy(update={"payload": payload})
    owned = vars(owner) | {"key_id": principal.key_id, "delegate": principal.delegate}
    owned["created_by"] = principal.actor
    return _validated_job(request, start_deadline_s, providers, owned)


def _parse(body: bytes) -> NewJob:
    """Parses and validates in one pass; a body with errors once more, to describe them."""
    if not UNCOMMON.search(body):
        try:
            return NEW_JOB.validate_json(body)
        except ValidationError:
            pass
    value = parse_json(body)
    if isinstance(value, dict) and "payload" in value and "input" in value:
        body = _without_alias(value)
    return validate(_model_of(value), body, value)


def _model_of(value: Any) -> type[NewJob]:
    """Returns the model of the body's job type. Raises Problem."""
    if not isinstance(value, dict):
        raise validation_error(body_error((), "the body must be an object with type and payload"))
    if "type" not in value:
        raise validation_error(body_error(("type",), f"is required; {_known_types()}"))
    name = value["type"]
    model = NEW_JOBS.get(name) if isinstance(name, str) else None
    if model is None:
        raise validation_error(
            body_error(("type",), f"unknown job type {truncated(repr(name))}; {_known_types()}")
        )
    return model


def _without_alias(value: dict[str, Any]) -> bytes:
    """Returns the body without `input`, which must equal `payload`. Raises Problem."""
    alias = value.pop("input")
    if alias != value["payload"]:
        raise Problem(
            "conflicting-fields",
            "payload and input are the same field and differ; send payload only.",
            errors=[body_error(("input",), "differs from payload")],
        )
    return to_json(value)


def _validated_job(
    request: NewJob, start_deadline_s: float, providers: ProviderTable, owned: dict[str, Any]
) -> ValidatedJob:
    job_type, options = JOB_TYPES[request.type], request.options
    models = _resolved(options.model, providers)
    names = LIST_SEPARATOR.join(model.name for model in models)
    if options.model:
        options = options.model_copy(update={"model": names})
    chosen = options.model_dump(mode="json", exclude_none=True) if options.model_fields_set else {}
    named = {name: getattr(request, name) for name in INDEXED_FIELDS if hasattr(request, name)}
    submission = Submission(
        **{**named, **owned, "model": options.model},
        payload=request.payload.model_dump_json(),
        options=json_text(chosen) if chosen else "{}",
        work_message=job_type.message,
        timeout_s=options.timeout_s or job_type.timeout_s,
        start_deadline_s=min(
            options.start_deadline_s or start_deadline_s, options.deadline_s or start_deadline_s
        ),
        deadline_s=options.deadline_s,
        store=0 if options.store is False else None,
        max_attempts=options.max_attempts or DEFAULT_MAX_ATTEMPTS,
        on_unknown=options.on_unknown or "ask",
        fingerprint=_fingerprint(request, chosen),
        priority=options.priority or job_type.priority,
        pool=LIST_SEPARATOR.join(dict.fromkeys(model.pool for model in models)),
        expected_calls=job_type.expected_calls,
        charged_model=names,
        related=(request.related.type, request.related.id) if request.related else None,
        tags=tuple(dict.fromkeys(request.tags)),
        metadata=json_text(request.metadata) if request.metadata else None,
    )
    return ValidatedJob(request.payload, options, submission)


def _resolved(names: str | None, providers: ProviderTable) -> tuple[ModelRef, ...]:
    """Returns the models to try, or the default one. Raises Problem when no provider serves one."""
    try:
        return providers.resolve_list(names or "")
    except UnknownModel as error:
        raise validation_error(body_error(("options", "model"), str(error))) from None


def _fingerprint(request: NewJob, chosen: dict[str, Any]) -> str:
    """Hashes what makes a request different. Defaults are left out, so that a new optional field
    changes no earlier fingerprint.
    """
    payload = request.payload.model_dump(mode="json", exclude_defaults=True)
    options = {name: value for name, value in chosen.items() if name not in COSMETIC_OPTIONS}
    parts = [request.type, payload, options]
    if request.on_behalf_of:
        parts.append(request.on_behalf_of.model_dump(mode="json", exclude_none=True))
    text = CANONICAL_JSON(parts)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"{FINGERPRINT_VERSION}:{digest}"[:FINGERPRINT_LENGTH]


def _known_types() -> str:
    return f"the types are {', '.join(NEW_JOBS)}"
