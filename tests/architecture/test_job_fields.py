"""One table declares the fields of a job: JOB_FIELDS in jobs/core/job_fields.py.

A new field that the client sends, that is stored, shown, a filter, and archived, touches:

1. jobs/core/job_fields.py: its row in JOB_FIELDS; jobs/core/job_record.py: its attribute of
   Submission; docs/job-record.md: its row;
2. api/schemas/requests.py: its field of NewJob;
3. archive/tables.py: its field of EndedJob and its column;
4. archive/migrations/versions/: a migration that adds the column.

Replies, indexes, filters, the submit script, the outbox script and the archiver follow the table.
"""

import re
from dataclasses import fields

from loresmith.api.background.archiver import NAMES
from loresmith.api.schemas.jobs import JobResponse
from loresmith.api.services.list_params import JobListParams
from loresmith.archive.tables import EndedJob, JobRow
from loresmith.jobs.core.job_fields import ARCHIVED_FIELDS, INDEXED_FIELDS, JOB_FIELDS, JobField
from loresmith.jobs.core.job_record import Submission
from tests.architecture.snapshots.surfaces import FOLDER
from tests.architecture.tree import ROOT

RENAMED = {"attempt": "attempts", "spent_micros": "cost_micros", "created_ms": "created_at"}
RENAMED |= {"completed_ms": "completed_at"}
"""Archived field: its column, where the names differ."""
DERIVED = {"usage": {"input_tokens", "output_tokens"}, "reserve_micros": set()}
"""Archived field: the columns that the archiver reads from it."""
COMPOSED = {"cost", "links", "progress_detail", "related", "reused", "title", "waiting"}
"""Parts of a reply that are made from other fields."""
RARE = {"awaited", "consent", "corrected", "delegate"}
RARE |= {"content_removed_ms", "on_unknown", "p90_s", "priority", "retention_s", "store"}
RARE |= {"world_retention_s"}
"""Fields that the recorded jobs do not have."""


def test_names_are_unique() -> None:
    names = [field.name for field in JOB_FIELDS]

    assert len(set(names)) == len(names)


def test_the_table_has_every_stored_field() -> None:
    """Given the fields of job hashes that real processes wrote
    / I expect exactly the table.
    """
    text = (FOLDER / "redis.txt").read_text(encoding="utf-8")
    section = re.search(r"^job:\{job_id\}  hash.*\n((?:  .+\n)+)", text, re.MULTILINE)
    assert section is not None
    recorded = {name for name in section[1].split() if "." not in name}

    assert recorded == {field.name for field in JOB_FIELDS} - RARE


def test_a_submission_has_each_indexed_field() -> None:
    assert set(INDEXED_FIELDS) <= {field.name for field in fields(Submission)}


def test_each_indexed_field_is_a_filter() -> None:
    assert set(INDEXED_FIELDS) <= set(JobListParams.model_fields)


def test_replies_have_each_public_field() -> None:
    public = {field.public for field in JOB_FIELDS if field.public}

    assert public | COMPOSED == set(JobResponse.model_fields)


def test_the_archive_has_each_archived_field() -> None:
    columns = {column.name for column in JobRow.__table__.columns}
    expected = {"revision", "day"}
    for name in ARCHIVED_FIELDS:
        expected |= DERIVED.get(name, {RENAMED.get(name, name)})

    assert columns == expected
    assert {field.name for field in fields(EndedJob)} == columns - {"day"}
    assert set(NAMES) <= columns


def test_the_page_lists_each_field() -> None:
    """Given the table of docs/job-record.md / I expect a row for each field, in this order."""
    page = (ROOT / "docs" / "job-record.md").read_text(encoding="utf-8")
    rows = [f"| `{field.name}` | {field.type} | {_meaning(field)} |" for field in JOB_FIELDS]

    assert [line for line in page.splitlines() if line.startswith("| `")] == rows


def _meaning(field: JobField) -> str:
    return field.meaning + (f"; absent: {field.absent}" if field.absent else "")
