"""Field selection of `GET /jobs/{id}`: `fields` for fewer fields, `include` for more."""

import hashlib
from typing import Annotated, Any

from pydantic import Field
from pydantic_core import from_json

from loresmith.api.http.query import CommaSeparated, QueryModel
from loresmith.api.schemas.jobs import JobResponse
from loresmith.jobs.core.damaged_record import read_intact
from loresmith.jobs.core.job_record import Record

INCLUDABLE = ("payload", "partial")
"""`partial`: what a running job has written so far, in its `partial_result`."""


class FieldSelection(QueryModel):
    """The fields of a job that a client asks for."""

    names: Annotated[frozenset[str], CommaSeparated(tuple(JobResponse.model_fields))] = Field(
        default=frozenset(),
        alias="fields",
        description="With commas: only these fields of the job, for small responses",
    )
    include: Annotated[frozenset[str], CommaSeparated(INCLUDABLE)] = Field(
        default=frozenset(), description=f"With commas: {', '.join(INCLUDABLE)}"
    )

    @property
    def etag_suffix(self) -> str:
        """The part of the ETag that differs by selection; empty for all fields."""
        if not (self.names or self.include):
            return ""
        text = ",".join(sorted(self.names)) + ";" + ",".join(sorted(self.include))
        return f"-{hashlib.sha256(text.encode()).hexdigest()[:8]}"

    def apply(self, job: dict[str, Any], record: Record) -> dict[str, Any]:
        """Returns the selected fields of a job."""
        selected = {name: job[name] for name in job if name in self.names} if self.names else job
        if "payload" in self.include:
            payload = read_intact(f"job {record['id']}", lambda: from_json(record["payload"]))
            selected = selected | {"payload": payload}
        return selected


ALL_FIELDS = FieldSelection()
