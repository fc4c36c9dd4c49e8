"""Runs a job type without its effects, to find the model calls that it will make.

Its own `run` gets placeholder responses of the usual length. Steps of plain code are not run: their
declared sample is returned, or the dry run ends there. So `run` itself must have no side effects.
"""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from pydantic import BaseModel

from loresmith.jobs.core.logs.job_type_logger import JobTypeLogger
from loresmith.jobs.safe_http.interface import HttpClient, HttpResult
from loresmith.jobs.types.base import NO_SAMPLE, JobType
from loresmith.jobs.types.model_call import ModelCallSpec

FILLER = "of the old bell in the harbour, "
CHARACTERS_PER_TOKEN = 4
MAX_STEPS = 1_000
"""A dry run ends after so many steps: a type that polls sees the same sample again and again."""
RecordedCall = tuple[str, ModelCallSpec[Any, Any], BaseModel]


class DryRunEnded(BaseException):
    """What follows depends on code that a dry run does not run. Job types do not catch it."""


class DryRunContext:
    """A context that records calls without making them.

    `share` is the fraction of max output tokens that a response usually has; it matters where a
    later request contains the response.
    """

    job_id = "00000000-0000-7000-8000-000000000000"

    def __init__(self, share: float) -> None:
        self._share = share
        self._samples: dict[str, Any] = {}
        self._steps = 0
        self.calls: list[RecordedCall] = []

    def ends(self, job_type: JobType[Any], payload: BaseModel) -> bool:
        """Whether the job type runs to its end on placeholder responses; a user's own may not."""
        self._samples = {step.name: step.sample for step in job_type.steps}
        try:
            job_type.run(payload, self)
        except (Exception, SystemExit, DryRunEnded):
            return False
        return True

    @property
    def log(self) -> JobTypeLogger:
        return SilentLogger()

    @property
    def http(self) -> HttpClient:
        return UnreachedHttp()

    def call(self, step: str, spec: ModelCallSpec[Any, Any], input: BaseModel) -> Any:
        self._count_step()
        self.calls.append((step, spec, input))
        size = int(spec.max_output_tokens(input) * self._share * CHARACTERS_PER_TOKEN)
        schema = spec.schema(input) or {"type": "string"}
        texts = _texts(_sample(schema, schema, 1))
        return spec.sample(_sample(schema, schema, size // max(1, texts)))

    def step(self, name: str, function: Callable[..., Any], *arguments: Any) -> Any:
        self._count_step()
        sample = self._samples.get(name, NO_SAMPLE)
        if sample is NO_SAMPLE:
            raise DryRunEnded
        return deepcopy(sample)

    def progress(self, percent: float, message: str = "") -> None:
        pass

    def raise_if_cancelled(self) -> None:
        pass

    def save(self, title: str, content: dict[str, Any]) -> str:
        return self.job_id

    def save_world(self, *, title: str, theme: str, world: dict[str, Any]) -> str:
        return self.job_id

    def add_unreached(self, job_type: JobType[Any]) -> None:
        """Adds the specs that were not reached, with their examples."""
        reached = {spec.name for _, spec, _ in self.calls}
        self.calls += [
            (spec.name, spec, spec.example)
            for spec in job_type.specs
            if spec.example and spec.name not in reached
        ]

    def _count_step(self) -> None:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise DryRunEnded


class SilentLogger(JobTypeLogger):
    """Logs nothing: an estimate is no run."""

    def __init__(self) -> None:
        super().__init__("")

    def _log(self, level: int, message: str, fields: dict[str, object]) -> None:
        pass


class UnreachedHttp:
    """A client whose requests end the dry run."""

    def request(self, method: str, url: str, **options: Any) -> HttpResult:
        raise DryRunEnded

    def get(self, url: str, **options: Any) -> HttpResult:
        raise DryRunEnded

    def post(self, url: str, **options: Any) -> HttpResult:
        raise DryRunEnded


def _sample(node: dict[str, Any], root: dict[str, Any], size: int) -> Any:
    """Returns a value that is valid for a schema, with texts of `size` characters."""
    if "$ref" in node:
        return _sample(root["$defs"][node["$ref"].rsplit("/", 1)[-1]], root, size)
    for key in ("enum", "anyOf"):
        if key in node:
            return node[key][0] if key == "enum" else _sample(node[key][0], root, size)
    if "const" in node:
        return node["const"]
    match node["type"]:
        case "object":
            return {name: _sample(part, root, size) for name, part in node["properties"].items()}
        case "array":
            return [_sample(node["items"], root, size)] * max(1, node.get("minItems", 1))
        case "string":
            return (FILLER * (size // len(FILLER) + 1))[: max(1, size)]
        case "integer" | "number":
            return node.get("minimum", node.get("exclusiveMinimum", 0) + 1)
    return node["type"] == "boolean" or None


def _texts(value: Any) -> int:
    """Counts the texts in a sample."""
    if isinstance(value, dict | list):
        return sum(map(_texts, value.values() if isinstance(value, dict) else value))
    return int(isinstance(value, str))
