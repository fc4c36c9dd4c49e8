"""The processes of a stack, their command lines and environments, and the printed summary."""

import os
import stat
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from loresmith.jobs.core.settings.checks import without_password
from loresmith.supervisor import plan as plan_module
from loresmith.supervisor.data_dir import DataDir
from loresmith.supervisor.display import exposure, summary
from loresmith.supervisor.errors import SupervisorError
from loresmith.supervisor.plan import StackPlan, UpOptions, make_plan
from loresmith.supervisor.process import ChildProcess

TOKEN = "LORESMITH_LORE_SERVICE_TOKEN"


@pytest.fixture(autouse=True)
def any_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_module, "find_server", lambda directory: "valkey-server")


def planned(path: Path, options: UpOptions | None = None, **environ: str) -> StackPlan:
    return make_plan(options or UpOptions(), environ, DataDir(path, lock=7))


def by_name(plan: StackPlan) -> dict[str, ChildProcess]:
    return {process.name: process for process in plan.processes}


def test_without_settings_everything_is_started_here(tmp_path: Path) -> None:
    plan = planned(tmp_path)
    processes = by_name(plan)

    assert list(processes) == ["redis", "offline", "lore_service", "worker", "api"]
    assert without_password(plan.redis_url).endswith(f":***@{processes['redis'].description[8:]}")
    assert (tmp_path / "redis-url").read_text() == plan.redis_url
    assert plan.database_url == f"sqlite:///{tmp_path}/worlds.db"
    ours = [processes[name].env for name in ("lore_service", "worker", "api")]
    assert {env["REDIS_URL_FILE"] for env in ours} == {str(tmp_path / "redis-url")}
    assert len({env["LORESMITH_LORE_SERVICE_ADDRESS"] for env in ours}) == 1
    lore_service = processes["lore_service"].env
    assert lore_service["OPENAI_BASE_URL"] == processes["offline"].description
    assert lore_service["LORESMITH_MODEL"] == "offline-lore-1", "no job names a real model"
    for variable in ("LORESMITH_MODEL", "OPENAI_BASE_URL"):  # else estimates are for another model
        assert processes["api"].env[variable] == lore_service[variable]
    assert "not an LLM" in plan.model


def test_the_parts_share_a_token_that_only_this_user_can_read(tmp_path: Path) -> None:
    """Given two starts / I expect the same token, and no token in an environment or argument."""
    plan, again = planned(tmp_path), planned(tmp_path)
    files = {
        process.env.get("LORESMITH_LORE_SERVICE_TOKEN_FILE")
        for each in (plan, again)
        for name, process in by_name(each).items()
        if name not in ("redis", "offline")
    }

    [file] = [Path(str(name)) for name in files]
    token = file.read_text().strip()
    assert len(token) == 64
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not any(token in str((each.command, dict(each.env))) for each in plan.processes)


def test_a_token_of_the_user_is_used(tmp_path: Path) -> None:
    plan = planned(tmp_path, LORESMITH_LORE_SERVICE_TOKEN="0123456789abcdef")

    tokens = {name: each.env.get(TOKEN) for name, each in by_name(plan).items()}
    ours = dict.fromkeys(("lore_service", "worker", "api"), "0123456789abcdef")
    assert tokens == ours | {"redis": None, "offline": None}
    assert not any("LORESMITH_LORE_SERVICE_TOKEN_FILE" in each.env for each in plan.others)


def test_the_started_redis_loses_no_write(tmp_path: Path) -> None:
    redis = planned(tmp_path).redis

    assert redis
    settings = dict(zip(redis.command[2::2], redis.command[3::2], strict=True))
    assert settings["--appendonly"] == "yes"
    assert settings["--appendfsync"] == "always"
    assert settings["--maxmemory-policy"] == "noeviction"
    assert settings["--save"] == ""
    assert settings["--hash-max-listpack-value"] == "1024", "a waiting job takes half the memory"
    assert settings["--bind"] == "127.0.0.1"
    assert redis.inherited_fds == (7,), "it holds the lock of the directory"


def test_an_external_redis_is_used_and_its_password_hidden(tmp_path: Path) -> None:
    plan = planned(tmp_path, REDIS_URL="redis://me:secret@elsewhere:6379/3")

    assert plan.redis is None
    assert plan.redis_url == "redis://me:secret@elsewhere:6379/3"
    assert "redis://me:***@elsewhere:6379/3" in summary(plan, UpOptions(), tmp_path)
    assert "secret" not in summary(plan, UpOptions(), tmp_path)


@pytest.mark.parametrize(
    "setting", [{"OPENAI_API_KEY": "sk-1"}, {"OPENAI_BASE_URL": "http://127.0.0.1:11434/v1"}]
)
def test_a_real_model_is_used_when_one_is_set(tmp_path: Path, setting: dict[str, str]) -> None:
    plan = planned(tmp_path, **setting, LORESMITH_MODEL="qwen3")

    assert "offline" not in by_name(plan)
    assert "not an LLM" not in summary(plan, UpOptions(), tmp_path)
    assert plan.model.startswith("qwen3, at ")


def test_the_summary_says_whether_the_offline_model_has_a_price(tmp_path: Path) -> None:
    """Given prices in the environment / I expect no claim that answers are free."""
    assert planned(tmp_path).model.endswith("30 s per answer, no charge")

    priced = planned(tmp_path, LORESMITH_PRICES_FILE="prices.json").model

    assert priced.endswith("30 s per answer, cost simulated by LORESMITH_PRICES_FILE")


def test_only_the_lore_service_receives_the_key(tmp_path: Path) -> None:
    processes = by_name(planned(tmp_path, OPENAI_API_KEY="sk-1"))

    receivers = [name for name, process in processes.items() if "OPENAI_API_KEY" in process.env]

    assert receivers == ["lore_service"]


def test_options_reach_their_processes(tmp_path: Path) -> None:
    options = UpOptions(
        port=9000, workers=2, concurrency=7, seconds=1.5, host="0.0.0.0", public=True
    )
    processes = by_name(planned(tmp_path, options))

    assert {"worker", "worker2"} <= processes.keys()
    assert processes["worker"].env["LORESMITH_CONCURRENCY"] == "7"
    assert processes["offline"].command[-2:] == ["--seconds", "1.5"]
    assert processes["api"].command[-5:] == ["--host", "0.0.0.0", "--port", "9000", "--public"]
    assert processes["api"].description == "http://127.0.0.1:9000"


def test_processes_do_not_import_from_the_current_directory(tmp_path: Path) -> None:
    api = by_name(planned(tmp_path, PYTHONPATH="/elsewhere"))["api"]

    assert list(api.command[:4]) == [sys.executable, "-P", "-m", "loresmith.api"]
    first, second = api.env["PYTHONPATH"].split(os.pathsep)
    assert (Path(first) / "loresmith" / "__init__.py").exists()
    assert second == "/elsewhere"


def test_worker_and_lore_service_have_their_grace_periods_to_stop(tmp_path: Path) -> None:
    grace = {"LORESMITH_SHUTDOWN_GRACE_S": "100", "LORESMITH_LORE_SERVICE_GRACE_S": "600"}
    processes = by_name(planned(tmp_path, **grace))

    assert processes["worker"].stop_timeout_s > 100
    assert processes["lore_service"].stop_timeout_s > 600
    assert processes["api"].stop_timeout_s < 100


def test_an_invalid_setting_is_named(tmp_path: Path) -> None:
    with pytest.raises(SupervisorError, match="LORESMITH_HEARTBEAT_INTERVAL_S"):
        planned(tmp_path, LORESMITH_HEARTBEAT_INTERVAL_S="often")


def test_the_summary_says_how_to_stop_without_ctrl_c(tmp_path: Path) -> None:
    plan = planned(tmp_path)

    assert summary(plan, UpOptions(), tmp_path).endswith(
        "Ctrl-C finishes running jobs, then stops everything."
    )
    background = summary(plan, UpOptions(), tmp_path, has_ctrl_c=False)
    assert f"kill {os.getpid()}" in background.splitlines()[-1]


def test_the_summary_fits_on_a_screen(tmp_path: Path) -> None:
    lines = summary(planned(tmp_path), UpOptions(), tmp_path).splitlines()

    assert len(lines) <= 28
    assert "http://127.0.0.1:8080/docs" in lines[0]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://:secret@h:1/0", "redis://:***@h:1/0"),
        ("postgresql://u:p%40ss@h/db", "postgresql://u:***@h/db"),
        ("redis://:p@s/s@h:1/0", "redis://:***@h:1/0"),
        ("redis://h:1/0", "redis://h:1/0"),
    ],
)
def test_passwords_are_hidden(url: str, shown: str) -> None:
    assert without_password(url) == shown


PROVIDERS = """
[openai]
key_env = "FIRST_KEY"
[local]
base_url = "http://127.0.0.1:8000/v1"
key_env = "SECOND_KEY"
"""


def test_keys_reach_the_lore_service_only(tmp_path: Path) -> None:
    """Given two providers / I expect their keys in no other process."""
    file = tmp_path / "providers.toml"
    file.write_text(PROVIDERS)
    keys = {"FIRST_KEY": "sk-1", "SECOND_KEY": "sk-2", "OPENAI_API_KEY_FILE": "/run/key"}

    plan = planned(tmp_path, LORESMITH_PROVIDERS=str(file), **keys)

    for name, process in by_name(plan).items():
        assert set(keys) & set(process.env) == (set(keys) if name == "lore_service" else set())
    assert "offline" not in by_name(plan)
    assert "openai/gpt-5-mini, at https://api.openai.com/v1, http://127.0.0.1:8000" in plan.model


def test_a_wrong_providers_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "providers.toml").write_text("[a]\nschema_mode = 1")

    with pytest.raises(SupervisorError, match=r"providers.toml: \[a\] schema_mode must be"):
        planned(tmp_path, LORESMITH_PROVIDERS=str(tmp_path / "providers.toml"))


def test_an_address_with_a_password_is_refused_unseen(tmp_path: Path) -> None:
    with pytest.raises(SupervisorError, match="OPENAI_BASE_URL has a user name") as caught:
        planned(tmp_path, OPENAI_BASE_URL="http://user:secret@h/v1")

    assert "secret" not in str(caught.value)


def test_addresses_in_files_are_used(tmp_path: Path) -> None:
    (tmp_path / "redis").write_text("redis://me:secret@elsewhere:6379/3\n")

    plan = planned(tmp_path, REDIS_URL_FILE=str(tmp_path / "redis"))

    assert plan.redis is None
    assert plan.redis_url == "redis://me:secret@elsewhere:6379/3"
    assert "REDIS_URL" not in by_name(plan)["api"].env


CANARIES = {
    "REDIS_URL": "redis://u:canary-redis@elsewhere:6379/3",
    "DATABASE_URL": "postgresql://u:canary-database@elsewhere/db",
    "OPENAI_API_KEY": "canary-provider",
    TOKEN: "canary-token-0123456789",
    "LORESMITH_API_KEY": "canary-client",
    "HTTPS_PROXY": "http://u:canary-proxy@elsewhere:1",
    "AWS_SECRET_ACCESS_KEY": "canary-of-the-shell",
}


def canaries_of(process: ChildProcess) -> set[str]:
    text = str((process.command, dict(process.env)))
    return {name for name, value in CANARIES.items() if value in text}


def test_a_process_gets_only_the_secrets_that_it_needs(tmp_path: Path) -> None:
    """Given a secret in each variable / I expect it in the environment of those that need it."""
    plan = planned(tmp_path, **CANARIES, LORESMITH_QUEUE="mine")

    shared = {"REDIS_URL", TOKEN}
    assert {name: canaries_of(process) for name, process in by_name(plan).items()} == {
        "lore_service": shared | {"OPENAI_API_KEY", "HTTPS_PROXY"},
        "worker": shared | {"DATABASE_URL"},
        "api": shared | {"DATABASE_URL", "HTTPS_PROXY"},
    }
    assert {process.env["LORESMITH_QUEUE"] for process in plan.processes} == {"mine"}


def test_workers_get_variables_of_job_types_by_name(tmp_path: Path) -> None:
    plan = planned(tmp_path, **CANARIES, LORESMITH_PASS_ENV="AWS_SECRET_ACCESS_KEY, NOT_SET")

    with_it = [name for name, each in by_name(plan).items() if "AWS_SECRET_ACCESS_KEY" in each.env]
    assert with_it == ["worker"]


def test_the_started_redis_demands_a_password_that_no_argument_holds(tmp_path: Path) -> None:
    plan = planned(tmp_path)

    password = urlsplit(plan.redis_url).password
    assert password
    assert len(password) == 64
    assert not any(password in str((each.command, dict(each.env))) for each in plan.processes)
    assert password not in summary(plan, UpOptions(), tmp_path)
    for name in ("redis-url", "redis-password", "redis.conf"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("host", "expected"),
    [("0.0.0.0", "other machines reach the api"), ("127.0.0.1", "a proxy on this machine")],
)
def test_a_public_server_says_who_reaches_it(host: str, expected: str) -> None:
    options = UpOptions(host=host, public=True)

    assert expected in exposure(options, "")
    assert exposure(options, "lore_x").endswith("lore_x")
