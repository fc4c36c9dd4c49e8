"""Which parts are started, and what each of them is told."""

import os
import sys
from pathlib import Path

import pytest

from loresmith.up import redis_server
from loresmith.up.errors import UpError
from loresmith.up.folder import Folder
from loresmith.up.part import Part
from loresmith.up.plan import Plan, Wanted, plan_for, redacted
from loresmith.up.screen import screen


@pytest.fixture(autouse=True)
def any_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_server, "find", lambda folder: "valkey-server")


def planned(folder: Path, *wanted: Wanted, **environ: str) -> Plan:
    return plan_for(wanted[0] if wanted else Wanted(), environ, Folder(folder, lock=7))


def by_name(made: Plan) -> dict[str, Part]:
    return {part.name: part for part in made.parts}


def test_everything_is_started_here_when_nothing_is_set(tmp_path: Path) -> None:
    made = planned(tmp_path)
    parts = by_name(made)

    assert list(parts) == ["redis", "offline", "lore_service", "worker", "api"]
    assert made.redis_url == parts["redis"].where
    assert made.database_url == f"sqlite:///{tmp_path}/worlds.db"
    assert {part.env["REDIS_URL"] for part in made.others} == {made.redis_url}
    assert len({part.env["LORE_ADDRESS"] for part in made.others}) == 1
    assert parts["lore_service"].env["OPENAI_BASE_URL"] == parts["offline"].where
    assert parts["lore_service"].env["LORE_MODEL"] == "offline-lore-1", "no job claims another"
    for variable in ("LORE_MODEL", "OPENAI_BASE_URL"):  # or estimates would be of another model
        assert parts["api"].env[variable] == parts["lore_service"].env[variable]
    assert "not an LLM" in made.model


def test_nothing_accepted_is_lost_by_the_server_that_is_started(tmp_path: Path) -> None:
    redis = planned(tmp_path).redis

    assert redis
    settings = dict(zip(redis.command[1::2], redis.command[2::2], strict=True))
    assert settings["--appendonly"] == "yes"
    assert settings["--appendfsync"] == "always"
    assert settings["--maxmemory-policy"] == "noeviction"
    assert settings["--save"] == ""
    assert settings["--bind"] == "127.0.0.1"
    assert redis.inherits == (7,), "it holds the folder's lock as long as it lives"


def test_a_server_of_ones_own_is_used(tmp_path: Path) -> None:
    made = planned(tmp_path, REDIS_URL="redis://me:secret@elsewhere:6379/3")

    assert made.redis is None
    assert made.redis_url == "redis://me:secret@elsewhere:6379/3"
    assert "redis://me:***@elsewhere:6379/3" in screen(made, Wanted(), tmp_path)
    assert "secret" not in screen(made, Wanted(), tmp_path)


@pytest.mark.parametrize(
    "setting", [{"OPENAI_API_KEY": "sk-1"}, {"OPENAI_BASE_URL": "http://127.0.0.1:11434/v1"}]
)
def test_a_real_model_is_asked_when_one_is_set(tmp_path: Path, setting: dict[str, str]) -> None:
    made = planned(tmp_path, **setting, LORE_MODEL="qwen3")

    assert "offline" not in by_name(made)
    assert "not an LLM" not in screen(made, Wanted(), tmp_path)
    assert made.model.startswith("qwen3, at ")


def test_only_the_lore_service_is_told_the_key(tmp_path: Path) -> None:
    parts = by_name(planned(tmp_path, OPENAI_API_KEY="sk-1"))

    told = [name for name, part in parts.items() if "OPENAI_API_KEY" in part.env]

    assert told == ["lore_service"]


def test_options_reach_their_parts(tmp_path: Path) -> None:
    wanted = Wanted(port=9000, workers=2, concurrency=7, seconds=1.5, host="0.0.0.0", public=True)
    parts = by_name(planned(tmp_path, wanted))

    assert {"worker", "worker2"} <= parts.keys()
    assert parts["worker"].env["LORESMITH_CONCURRENCY"] == "7"
    assert parts["offline"].command[-2:] == ["--seconds", "1.5"]
    assert parts["api"].command[-5:] == ["--host", "0.0.0.0", "--port", "9000", "--public"]
    assert parts["api"].where == "http://127.0.0.1:9000"


def test_a_folder_of_the_persons_own_named_api_is_not_taken_for_ours(tmp_path: Path) -> None:
    """Given parts that are imported by name
    / I expect them to come from beside us, and not from where the person stands.
    """
    api = by_name(planned(tmp_path, PYTHONPATH="/elsewhere"))["api"]

    assert list(api.command[:4]) == [sys.executable, "-P", "-m", "api"]
    first, second = api.env["PYTHONPATH"].split(os.pathsep)
    assert (Path(first) / "loresmith" / "__init__.py").exists()
    assert second == "/elsewhere"


def test_a_worker_may_take_its_grace_to_stop(tmp_path: Path) -> None:
    parts = by_name(planned(tmp_path, LORESMITH_GRACE_S="100"))

    assert parts["worker"].grace_s > 100
    assert parts["api"].grace_s < 100


def test_a_setting_that_cannot_work_is_named(tmp_path: Path) -> None:
    with pytest.raises(UpError, match="LORESMITH_BEAT_S"):
        planned(tmp_path, LORESMITH_BEAT_S="often")


def test_the_screen_fits_on_one(tmp_path: Path) -> None:
    lines = screen(planned(tmp_path), Wanted(), tmp_path).splitlines()

    assert len(lines) <= 28
    assert "http://127.0.0.1:8080/docs" in lines[0]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://:secret@h:1/0", "redis://:***@h:1/0"),
        ("postgresql://u:p%40ss@h/db", "postgresql://u:***@h/db"),
        ("redis://h:1/0", "redis://h:1/0"),
    ],
)
def test_passwords_are_not_shown(url: str, shown: str) -> None:
    assert redacted(url) == shown
