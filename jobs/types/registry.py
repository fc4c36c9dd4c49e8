"""The job types of this process: the shipped ones, those of installed packages, and a user's own.

LORESMITH_JOB_TYPES names the user's files and folders. The registry is made once, at import, as
the models of requests are (docs/decisions/0014). Whatever does not fit stops the process.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loresmith.jobs.core.logs import get_logger
from loresmith.jobs.core.settings import Settings
from loresmith.jobs.types.base import JobType
from loresmith.jobs.types.discovery import (
    LocatedJobType,
    RegistryError,
    builtin_types,
    installed_types,
    types_at,
)
from loresmith.jobs.types.fingerprint import fingerprint_of, type_fingerprint
from loresmith.jobs.types.model_call import ModelCallSpec

log = get_logger(__name__)


@dataclass(frozen=True)
class Registry:
    """Job types by name, with their fingerprints."""

    job_types: dict[str, JobType[Any]]
    fingerprints: dict[str, str]
    """By name of the job type."""
    added: frozenset[str]
    """The names of those that are not shipped."""

    @property
    def fingerprint(self) -> str:
        return fingerprint_of(self.fingerprints)


def load(paths: str = "") -> Registry:
    """Loads all job types; `paths` is the value of LORESMITH_JOB_TYPES. Raises RegistryError."""
    shipped = list(builtin_types())
    added = [*installed_types(), *_own_types(paths)]
    by_name: dict[str, LocatedJobType] = {}
    for located in [*shipped, *added]:
        name = located.job_type.name
        if name in by_name:
            raise RegistryError(_taken(located, by_name[name], is_shipped=by_name[name] in shipped))
        by_name[name] = located
    return Registry(
        {name: located.job_type for name, located in by_name.items()},
        {name: _fingerprint(located) for name, located in by_name.items()},
        frozenset(located.job_type.name for located in added),
    )


def load_builtin() -> dict[str, JobType[Any]]:
    """Loads the shipped job types, by name. Raises RegistryError."""
    return {located.job_type.name: located.job_type for located in builtin_types()}


def model_calls_of(job_types: dict[str, JobType[Any]]) -> dict[str, ModelCallSpec[Any, Any]]:
    """Returns the model call specs of these job types, by name. Raises RegistryError."""
    specs: dict[str, ModelCallSpec[Any, Any]] = {}
    for job_type in job_types.values():
        for spec in job_type.specs:
            if specs.get(spec.name, spec) is not spec:
                raise RegistryError(
                    f"two specs are named {spec.name!r}, one of the job type {job_type.name!r}; "
                    "choose another name"
                )
            specs[spec.name] = spec
    return specs


def log_job_types() -> None:
    """Logs the fingerprint that all parts must share, and the types that are not shipped."""
    log.info(
        "job types",
        count=len(JOB_TYPES),
        fingerprint=REGISTRY.fingerprint,
        type=",".join(sorted(REGISTRY.added)),
    )


def _own_types(paths: str) -> Iterator[LocatedJobType]:
    folders: Iterable[str] = filter(None, (each.strip() for each in paths.split(os.pathsep)))
    for number, path in enumerate(folders):
        yield from types_at(Path(path).expanduser().absolute(), number)


def _taken(located: LocatedJobType, first: LocatedJobType, *, is_shipped: bool) -> str:
    name = located.job_type.name
    if is_shipped:
        return f"{located.origin}: {name!r} is a job type of Loresmith; choose another name"
    return f"{located.origin}: {name!r} is also a job type of {first.origin}; rename one"


def _fingerprint(located: LocatedJobType) -> str:
    """Raises RegistryError for a type without JSON Schemas, or with an invalid example."""
    try:
        job_type = located.job_type
        if job_type.example is not None:
            job_type.payload.model_validate(job_type.example)
        return type_fingerprint(job_type, located.source)
    except Exception as error:
        text = " ".join(str(error).split())
        raise RegistryError(
            f"{located.origin}: the job type {located.job_type.name!r} cannot be described: "
            f"{type(error).__name__}: {text}; correct its payload, result or example"
        ) from error


REGISTRY = load(os.environ.get(Settings.variable("job_types"), ""))
JOB_TYPES = REGISTRY.job_types
"""Job types by name."""
MODEL_CALLS = model_calls_of(JOB_TYPES)
"""Model call specs by name: what the lore_service may be asked for."""
