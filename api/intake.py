"""From the bytes of a create to a checked Submission."""

import hashlib
import json
from typing import Any

from pydantic_core import to_json

from api.bodies import fit, parse
from api.problems import Problem, at, echo, invalid
from api.requests import NEW_JOBS, NewJob
from jobs.job import Submission, json_text
from jobs.kinds import KINDS

VERSION = "1"
"""Of the fingerprint; another one makes every older key look reused for something else."""
CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
MAX_ATTEMPTS = 3
COSMETIC: frozenset[str] = frozenset({"confirm_cost"})
"""Options that do not change what is asked for."""


def submission(body: bytes, start_within_s: float, model: str = "") -> Submission:
    """What a client asked for. Raises Problem.

    `start_within_s` is how long a job may wait for a worker, and `model` which one answers, when
    the client does not say.
    """
    value = parse(body)
    if isinstance(value, dict) and "payload" in value and "input" in value:
        body = _without_alias(value)
    return _submission(fit(_model(value), body, value), start_within_s, model)


def _model(value: Any) -> type[NewJob]:
    if not isinstance(value, dict):
        raise invalid(at((), "the body must be an object with type and payload"))
    if "type" not in value:
        raise invalid(at(("type",), f"is required; {_types()}"))
    name = value["type"]
    model = NEW_JOBS.get(name) if isinstance(name, str) else None
    if model is None:
        raise invalid(at(("type",), f"unknown job type {echo(repr(name))}; {_types()}"))
    return model


def _without_alias(value: dict[str, Any]) -> bytes:
    """The body without `input`, which must say what `payload` says. Raises Problem."""
    alias = value.pop("input")
    if alias != value["payload"]:
        raise Problem(
            "conflicting-fields",
            "payload and input are two names of one field and differ; send payload only.",
            errors=[at(("input",), "differs from payload")],
        )
    return to_json(value)


def _submission(wanted: NewJob, start_within_s: float, model: str) -> Submission:
    kind, options = KINDS[wanted.type], wanted.options
    chosen = options.model_dump(mode="json", exclude_none=True) if options.model_fields_set else {}
    return Submission(
        type=kind.name,
        payload=wanted.payload.model_dump_json(),
        options=json_text(chosen),
        message=kind.message,
        timeout_s=options.timeout_s or kind.timeout_s,
        start_within_s=min(
            options.start_within_s or start_within_s, options.deadline_s or start_within_s
        ),
        deadline_s=options.deadline_s,
        max_attempts=options.max_attempts or MAX_ATTEMPTS,
        on_unknown=options.on_unknown or "ask",
        fingerprint=_fingerprint(wanted, chosen),
        model=options.model,
        charged_model=options.model or model or None,
        session_id=wanted.session_id,
        user_id=getattr(wanted.payload, "user_id", None),
        team_id=wanted.team_id,
        related=(wanted.related.type, wanted.related.id) if wanted.related else None,
        batch_key=wanted.batch_key,
        tags=tuple(dict.fromkeys(wanted.tags)),
        metadata=json_text(wanted.metadata) if wanted.metadata else None,
    )


def _fingerprint(wanted: NewJob, chosen: dict[str, Any]) -> str:
    """Fields left at their defaults do not count, so a new optional field changes no old print."""
    payload = wanted.payload.model_dump(mode="json", exclude_defaults=True)
    options = {name: value for name, value in chosen.items() if name not in COSMETIC}
    text = CANONICAL([wanted.type, payload, options])
    return f"{VERSION}:{hashlib.sha256(text.encode()).hexdigest()}"


def _types() -> str:
    return f"the types are {', '.join(NEW_JOBS)}"
