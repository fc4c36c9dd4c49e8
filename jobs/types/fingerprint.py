"""Fingerprints of job types, equal in every process and on every machine with the same ones."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from loresmith.jobs.types.base import JobType

LENGTH = 16


def type_fingerprint(job_type: JobType[Any], source: str) -> str:
    """Changes with a job type: its model calls, its schemas, its steps and the text of its module.

    A helper that the module imports counts only through prompts and schemas. Raises what a type
    without a JSON Schema does.
    """
    return _digest(
        [
            job_type.name,
            [[spec.name, spec.fingerprint] for spec in job_type.specs],
            job_type.payload.model_json_schema(),
            job_type.result_schema(),
            [[step.name, step.message, step.expected_s] for step in job_type.steps],
            [job_type.timeout_s, job_type.cache, job_type.priority],
            source.replace("\r\n", "\n"),
        ]
    )


def fingerprint_of(fingerprints: Mapping[str, str]) -> str:
    """Returns the fingerprint of several types, from those of each, by name."""
    return _digest(sorted(fingerprints.items()))


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]
