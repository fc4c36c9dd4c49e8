"""The id of an ended job stays its own when only the archive still knows it."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from httpx2 import Response

from loresmith.archive import EndedJob, open_archive
from tests.unit.api.harness import BODY, ApiHarness
from tests.unit.api.users import User

NOON = datetime(2026, 1, 10, 12, tzinfo=UTC)
ANNS = EndedJob(
    id=str(uuid4()), revision=1, status="completed", user_id="ann", team_id="sea",
    type="create_world", model="m", session_id="", created_at=NOON, completed_at=NOON, attempts=1,
    calls=1, input_tokens=1, output_tokens=1, cost_micros=7, uncertain_micros=0,
    estimate_micros=None,
)  # fmt: skip


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a job of Ann's."""
    path = tmp_path_factory.mktemp("jobs") / "worlds.db"
    with open_archive(f"sqlite:///{path}") as archive:
        archive.history.save([ANNS])
    return path


@pytest.fixture(autouse=True)
def archived(file: Path, tmp_path: Path, api: ApiHarness) -> None:
    shutil.copy(file, tmp_path / "worlds.db")


def put(user: User, job_id: str = ANNS.id, **fields: Any) -> Response:
    return user.ask("PUT", f"/jobs/{job_id}", BODY | fields)


def test_anothers_id_is_one_that_does_not_exist(api: ApiHarness) -> None:
    reply = put(User(api, "bob", "crows"))

    assert (reply.status_code, reply.json()["code"]) == (404, "job-not-found")
    assert api.notifier.notified == []


@pytest.mark.parametrize(("user_id", "terms"), [("ann", {}), ("root", {"role": "admin"})])
def test_an_id_that_one_may_read_is_that_of_a_deleted_job(
    api: ApiHarness, user_id: str, terms: dict[str, Any]
) -> None:
    """The owner too: a new job would replace the usage of the first one in the archive."""
    reply = put(User(api, user_id, **terms))

    assert (reply.status_code, reply.json()["code"]) == (410, "job-deleted")
    assert api.notifier.notified == []


def test_a_backend_hears_so_of_the_users_for_whom_it_acts(api: ApiHarness) -> None:
    backend = User(api, "shop", scopes=["jobs:read", "jobs:write", "on-behalf-of"])

    assert put(backend, on_behalf_of={"user_id": "ann"}).status_code == 410
    assert put(backend, on_behalf_of={"user_id": "bob"}).status_code == 404


def test_the_archive_is_asked_only_for_what_redis_does_not_know(
    api: ApiHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_ids: list[str] = []
    monkeypatch.setattr(
        "loresmith.archive.JobHistory.owner", lambda _, job_id: job_ids.append(job_id)
    )
    ann, job_id = User(api, "ann"), str(uuid4())

    assert [put(ann, job_id).status_code for _ in range(2)] == [202, 200]
    ann.create()

    assert job_ids == [job_id]


@pytest.mark.parametrize("missing", [True, False])
def test_jobs_do_not_wait_for_an_archive_that_is_away(
    api: ApiHarness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: bool
) -> None:
    """Given an archive that is missing, or does not answer in time / I expect the job accepted."""
    if missing:
        (tmp_path / "worlds.db").unlink()
    else:
        monkeypatch.setattr("loresmith.api.services.ended_jobs.TIMEOUT_S", 0)

    assert put(User(api, "bob")).status_code == 202
