"""How long an ended job is kept: as it asked, else as the server is set."""

from pathlib import Path
from typing import Any

import pytest

from loresmith.jobs.core.settings import Settings, SettingsError
from loresmith.jobs.store import keys
from tests.unit.api.harness import BODY, ApiHarness, api_harness


def kept_s(api: ApiHarness, **options: Any) -> float:
    """The seconds from the end of a new job to its expiry."""
    job_id = api.submit(BODY | {"options": options}).json()["id"]
    api.scripts.claim(job_id)
    api.scripts.finish(job_id, result="[]")
    record = api.scripts.record(job_id)
    assert api.get(f"/jobs/{job_id}").json()["expires_at"] is not None
    return (int(record["expires_ms"]) - int(record["completed_ms"])) / 1000


@pytest.mark.parametrize(("retention", "seconds"), [(60, 60), ("90m", 5400), ("30d", 2_592_000)])
def test_a_job_is_kept_as_long_as_it_asks(api: ApiHarness, retention: Any, seconds: int) -> None:
    assert kept_s(api, retention=retention) == seconds


def test_a_job_that_asks_for_nothing_is_kept_as_the_server_is_set(tmp_path: Path) -> None:
    settings = Settings.from_env({"LORESMITH_RETENTION": "1h"})
    with api_harness(tmp_path, retention_s=settings.retention_s) as api:
        assert kept_s(api) == 3_600
        assert kept_s(api, retention=60) == 60


@pytest.mark.parametrize(
    ("server", "job", "seconds"),
    [({}, {}, None), ({}, {"retention": 60}, 60.0), ({"LORESMITH_RETENTION": "1h"}, {}, 3_600.0)],
)
def test_a_world_expires_only_where_somebody_has_said_so(
    tmp_path: Path, server: dict[str, str], job: dict[str, Any], seconds: float | None
) -> None:
    settings = Settings.from_env(server)
    chosen = {"retention_s": settings.retention_s} if server else {}
    with api_harness(tmp_path, **chosen) as api:
        job_id = api.submit(BODY | {"options": job}).json()["id"]
        text = api.scripts.record(job_id).get("world_retention_s")

    assert settings.world_retention_s == (seconds if server else None)
    assert (float(text) if text else None) == seconds


@pytest.mark.parametrize("retention", [59, "31d", "soon", True, -1])
def test_what_cannot_be_kept_names_the_field(api: ApiHarness, retention: Any) -> None:
    answer = api.submit(BODY | {"options": {"retention": retention}})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/options/retention"


@pytest.mark.parametrize("text", ["59", "31d", "soon"])
def test_a_setting_out_of_bounds_stops_the_process(text: str) -> None:
    with pytest.raises(SettingsError, match="LORESMITH_RETENTION"):
        Settings.from_env({"LORESMITH_RETENTION": text})


def test_a_deleted_job_is_gone_and_its_key_is_free(api: ApiHarness) -> None:
    """Given an ended job whose retention is over / I expect 404, and a new job of its key."""
    job_id = api.submit(Idempotency_Key="the-only-key").json()["id"]
    api.scripts.claim(job_id)
    api.scripts.finish(job_id, result="[]")
    api.scripts.redis.zadd(keys.EXPIRY, {job_id: 1})

    assert api.scripts.expire_ended() == 1

    assert api.get(f"/jobs/{job_id}").status_code == 404
    assert api.submit(Idempotency_Key="the-only-key").json()["id"] != job_id
    assert not [key for key in api.keys if job_id in key]
