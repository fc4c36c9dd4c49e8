"""The job types. One file, one type: every module here declares a JOB_TYPE.

The folder is the list. A module without a JOB_TYPE, or with one that is named otherwise than its
file (so no two share a name), stops every process at start-up.
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from loresmith.jobs.types import builtin
from loresmith.jobs.types.base import JobType
from loresmith.jobs.types.model_call import ModelCallSpec


class RegistryError(RuntimeError):
    """The job types do not fit together; the message names the file and the remedy."""


def load_builtin() -> dict[str, JobType[Any]]:
    """Loads the job types of this folder, by name. Raises RegistryError."""
    job_types: dict[str, JobType[Any]] = {}
    for module in sorted(info.name for info in iter_modules(builtin.__path__)):
        if module.startswith("_"):
            continue
        job_type = getattr(import_module(f"{builtin.__name__}.{module}"), "JOB_TYPE", None)
        if not isinstance(job_type, JobType):
            raise RegistryError(
                f"jobs/types/builtin/{module}.py declares no JOB_TYPE; see "
                f"docs/adding-a-job-type.md"
            )
        if job_type.name != module:
            raise RegistryError(
                f"jobs/types/builtin/{module}.py: its JOB_TYPE is named {job_type.name!r}; "
                "a job type bears the name of its file, so that no two share one"
            )
        job_types[job_type.name] = job_type
    return job_types


def model_calls_of(job_types: dict[str, JobType[Any]]) -> dict[str, ModelCallSpec[Any, Any]]:
    """Returns the model call specs of these job types, by name. Raises RegistryError."""
    specs: dict[str, ModelCallSpec[Any, Any]] = {}
    for job_type in job_types.values():
        for spec in job_type.specs:
            if spec.name in specs:
                raise RegistryError(f"two specs are named {spec.name!r}; choose another name")
            specs[spec.name] = spec
    return specs


JOB_TYPES = load_builtin()
"""Job types by name."""
MODEL_CALLS = model_calls_of(JOB_TYPES)
"""Model call specs by name: what the lore_service may be asked for."""
