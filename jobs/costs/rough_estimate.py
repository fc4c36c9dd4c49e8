"""Estimates the tokens of a job without counting them, in microseconds: for a fair share of the
queue where no price needs the exact count.
"""

from dataclasses import dataclass, field
from functools import lru_cache

from pydantic import BaseModel

from loresmith.jobs.costs.dry_run import CHARACTERS_PER_TOKEN, DryRunContext
from loresmith.jobs.costs.tokens import texts_of
from loresmith.jobs.statistics.token_usage import DECLARED, TokenUsageModel
from loresmith.jobs.types.registry import JOB_TYPES


@dataclass(frozen=True)
class _Shape:
    """What decides how many requests a job makes, and how long: equal by its numbers."""

    type: str
    numbers: tuple[tuple[str, int], ...]
    payload: BaseModel = field(compare=False)


def rough_tokens(type: str, payload: BaseModel, token_usage: TokenUsageModel) -> int:
    """Returns the expected input and output tokens of all calls of a job; 0 without a call."""
    numbers = tuple((name, value) for name, value in payload if isinstance(value, int))
    characters = sum(len(value) for _, value in payload if isinstance(value, str))
    shape = _Shape(type, numbers, payload)
    if any(isinstance(value, dict | list | tuple | BaseModel) for _, value in payload):
        input, limit = _counted(shape)
        characters = 0
    else:
        input, limit = _tokens(shape)
    if not limit:
        return 0
    return input + characters // CHARACTERS_PER_TOKEN + int(limit * token_usage.share(limit))


@lru_cache(maxsize=512)
def _tokens(shape: _Shape) -> tuple[int, int]:
    return _counted(shape)


def _counted(shape: _Shape) -> tuple[int, int]:
    """Returns the tokens of the requests, and the sum of the limits of the responses."""
    job_type, dry_run = JOB_TYPES[shape.type], DryRunContext(DECLARED)
    if not dry_run.ends(job_type, shape.payload):
        dry_run.add_unreached(job_type)
    limit = sum(spec.max_output_tokens(input) for _, spec, input in dry_run.calls)
    characters = sum(
        len(text)
        for _, spec, input in dry_run.calls
        for text in texts_of(spec.prompt(input).messages())
    )
    return characters // CHARACTERS_PER_TOKEN, limit
