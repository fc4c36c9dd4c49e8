"""How much of a job a client wants to be told: `fields` for less of it, `include` for more."""

import hashlib
from dataclasses import dataclass
from typing import Any, Self

from pydantic_core import from_json
from starlette.datastructures import QueryParams

from api.operation import Parameter
from api.problems import echo, invalid, parameter
from api.replies import Job
from jobs.job import Record

FIELDS = frozenset(Job.model_fields)
MORE = ("payload", "partial")
"""`partial`: what a running job has written so far, in its `partial_result`."""
SHAPED = (
    Parameter("fields", "query", "With commas: only these fields of the job, for light polls"),
    Parameter("include", "query", f"With commas: {', '.join(MORE)}"),
)


@dataclass(frozen=True)
class Shape:
    """A choice of fields."""

    fields: frozenset[str] = frozenset()
    """Empty: all."""
    more: frozenset[str] = frozenset()

    @classmethod
    def asked(cls, query: QueryParams) -> Self:
        """What the query says. Raises Problem that names what there is not."""
        return cls(
            frozenset(_named(query, "fields", FIELDS)), frozenset(_named(query, "include", MORE))
        )

    @property
    def mark(self) -> str:
        """A part of the ETag; empty for the whole job."""
        if not (self.fields or self.more):
            return ""
        told = ",".join(sorted(self.fields)) + ";" + ",".join(sorted(self.more))
        return f"-{hashlib.sha256(told.encode()).hexdigest()[:8]}"

    def of(self, job: dict[str, Any], record: Record) -> dict[str, Any]:
        """The job in this shape."""
        shown = {name: job[name] for name in job if name in self.fields} if self.fields else job
        if "payload" in self.more:
            shown = shown | {"payload": from_json(record["payload"])}
        return shown


WHOLE = Shape()


def _named(query: QueryParams, name: str, allowed: frozenset[str] | tuple[str, ...]) -> set[str]:
    wanted = {word for word in query.get(name, "").split(",") if word}
    if unknown := sorted(wanted - set(allowed)):
        told = f"there is no {echo(unknown[0])}; there are {', '.join(sorted(allowed))}"
        raise invalid(parameter(name, told))
    return wanted
