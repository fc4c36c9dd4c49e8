"""Decides which processes a stack has, and their command lines and environments."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from loresmith.jobs.core.settings import Settings, SettingsError
from loresmith.jobs.core.settings.job_types_option import VARIABLE as JOB_TYPES
from loresmith.jobs.core.settings.job_types_option import joined
from loresmith.supervisor.data_dir import DataDir
from loresmith.supervisor.errors import SupervisorError
from loresmith.supervisor.part_environment import PartEnvironments
from loresmith.supervisor.process import ChildProcess
from loresmith.supervisor.redis_server import find_server, server_command

OFFLINE_MODEL: Final = "offline-lore-1"
"""The model name of jobs that the offline model wrote."""
REDIS_URL_FILE: Final = "redis-url"
REDIS_PASSWORD_FILE: Final = "redis-password"
OFFLINE_ANSWER_S: Final = "LORESMITH_OFFLINE_ANSWER_S"
PRICES: Final = "LORESMITH_PRICES_FILE"
IMPORT_ROOT: Final = Path(__file__).resolve().parents[2]
"""The folder of the package `loresmith`: processes never import from the current directory."""
STOP_TIMEOUT_S: Final = 10.0
"""For a process without jobs."""
STOP_MARGIN_S: Final = 10.0
"""Beyond the grace period, for a process with jobs or calls to store what it has."""


@dataclass(frozen=True)
class UpOptions:
    """The options of `loresmith up`."""

    port: int = 8080
    data_dir: Path = Path(".loresmith")
    host: str = "127.0.0.1"
    public: bool = False
    """Whether other machines may connect."""
    workers: int = 1
    concurrency: int | None = None
    """Jobs of each worker at the same time; None: LORESMITH_CONCURRENCY."""
    seconds: float | None = None
    """Duration of an answer of the offline model."""
    job_types: Sequence[str] = ()
    """Files and folders with job types of the user; none: LORESMITH_JOB_TYPES."""

    @property
    def url(self) -> str:
        """The URL of the api on this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


@dataclass(frozen=True)
class StackPlan:
    """The processes of a stack, in the order of their start."""

    redis: ChildProcess | None
    """None when REDIS_URL is set."""
    others: tuple[ChildProcess, ...]
    redis_url: str
    database_url: str
    model: str
    """The language model, for people."""
    offline: bool
    """Whether the offline model answers."""
    prefix: str = ""
    """Begins every Redis key."""

    @property
    def api(self) -> ChildProcess:
        return self.others[-1]

    @property
    def processes(self) -> tuple[ChildProcess, ...]:
        return ((self.redis,) if self.redis else ()) + self.others


def make_plan(options: UpOptions, environ: Mapping[str, str], directory: DataDir) -> StackPlan:
    """Plans the stack for these options and settings. Raises SupervisorError."""
    env = _environment(options, environ, directory)
    try:
        settings = Settings.from_env(env)
        keys = {provider.key_env for provider in settings.providers if provider.key_env}
    except SettingsError as error:
        raise SupervisorError(f"{error}.") from None
    redis, redis_url = None, settings.redis_url
    plain = PartEnvironments(env, keys).plain()
    if not _is_set("REDIS_URL", env):
        redis, redis_url = _redis(plain, directory)
        env["REDIS_URL_FILE"] = str(directory.write_private(REDIS_URL_FILE, redis_url))
    offline = None if _has_model(environ) else _offline_model(options, plain, directory)
    model_env = _model_environment(offline, env)
    parts = PartEnvironments(env, keys)
    workers = range(1, options.workers + 1)
    return StackPlan(
        redis,
        (
            *((offline,) if offline else ()),
            _lore_service(parts.lore_service() | model_env, settings, directory),
            *(_worker(number, parts.worker(), settings, directory) for number in workers),
            _api(options, parts.api() | model_env, directory),
        ),
        redis_url,
        settings.database_url,
        _model_description(options, env, settings, offline),
        offline is not None,
        settings.prefix,
    )


def _is_set(variable: str, environ: Mapping[str, str]) -> bool:
    """Whether a secret is set, by itself or in a file."""
    return bool(environ.get(variable) or environ.get(f"{variable}_FILE"))


def _environment(
    options: UpOptions, environ: Mapping[str, str], directory: DataDir
) -> dict[str, str]:
    """Returns the environment of which each process gets its part."""
    env = {**environ, "PYTHONUNBUFFERED": "1", "LORESMITH_DATA_DIR": str(directory.path)}
    env["LORESMITH_ENV_FILE"] = "none"  # it was read here; a process gets its part of it
    paths = filter(None, (str(IMPORT_ROOT), environ.get("PYTHONPATH")))
    env["PYTHONPATH"] = os.pathsep.join(paths)
    if not _is_set("DATABASE_URL", env):
        env["DATABASE_URL"] = f"sqlite:///{directory.path}/worlds.db"
    if not env.get("LORESMITH_LORE_SERVICE_ADDRESS"):
        env["LORESMITH_LORE_SERVICE_ADDRESS"] = f"127.0.0.1:{directory.port('lore_service')}"
    if not _is_set("LORESMITH_LORE_SERVICE_TOKEN", env):
        env["LORESMITH_LORE_SERVICE_TOKEN_FILE"] = str(directory.secret("lore-service-token"))
    if options.job_types:
        env[JOB_TYPES] = joined(options.job_types)
    if options.concurrency is not None:
        env["LORESMITH_CONCURRENCY"] = str(options.concurrency)
    return env


def _redis(env: Mapping[str, str], directory: DataDir) -> tuple[ChildProcess, str]:
    """Returns the server and its URL with the password, which keeps other local users out.

    The server inherits the lock: no other stack writes to the data while it runs.
    """
    data, port = directory.subdirectory("redis"), directory.port("redis")
    password = directory.secret(REDIS_PASSWORD_FILE).read_text().strip()
    secrets = directory.write_private("redis.conf", f"requirepass {password}\n")
    process = ChildProcess(
        "redis",
        server_command(find_server(data), secrets, port, data),
        env,
        directory.log("redis"),
        f"redis://127.0.0.1:{port}/0",
        STOP_TIMEOUT_S,
        inherited_fds=(directory.lock,),
    )
    return process, f"redis://:{password}@127.0.0.1:{port}/0"


def _offline_model(options: UpOptions, env: Mapping[str, str], directory: DataDir) -> ChildProcess:
    port = directory.port("offline")
    arguments = ["--port", str(port)]
    if options.seconds is not None:
        arguments += ["--seconds", f"{options.seconds:g}"]
    url = f"http://127.0.0.1:{port}/v1"
    return _python("offline", "offline_model", arguments, env, directory, url)


def _model_environment(offline: ChildProcess | None, env: Mapping[str, str]) -> dict[str, str]:
    """Returns what api and lore_service must agree on for the offline model."""
    if offline is None:
        return {}
    return {
        "OPENAI_BASE_URL": offline.description,
        "LORESMITH_MODEL": env.get("LORESMITH_MODEL") or OFFLINE_MODEL,
    }


def _lore_service(env: Mapping[str, str], settings: Settings, directory: DataDir) -> ChildProcess:
    address = f"grpc://{settings.lore_service_address}"
    timeout_s = settings.lore_service_grace_s + STOP_MARGIN_S
    return _python("lore_service", "lore_service", [], env, directory, address, timeout_s)


def _worker(
    number: int, env: Mapping[str, str], settings: Settings, directory: DataDir
) -> ChildProcess:
    name = "worker" if number == 1 else f"worker{number}"
    description = f"up to {settings.concurrency} jobs at once"
    timeout_s = settings.shutdown_grace_s + STOP_MARGIN_S
    return _python(name, "worker", [], env, directory, description, timeout_s)


def _api(options: UpOptions, env: Mapping[str, str], directory: DataDir) -> ChildProcess:
    arguments = ["--host", options.host, "--port", str(options.port)]
    if options.public:
        arguments.append("--public")
    return _python("api", "api", arguments, env, directory, options.url)


def _python(
    name: str,
    package: str,
    arguments: Sequence[str],
    env: Mapping[str, str],
    directory: DataDir,
    description: str,
    stop_timeout_s: float = STOP_TIMEOUT_S,
) -> ChildProcess:
    """Plans a Python process; -P keeps the current directory out of the import path."""
    command = [sys.executable, "-P", "-m", f"loresmith.{package}", *arguments]
    return ChildProcess(name, command, env, directory.log(name), description, stop_timeout_s)


def _has_model(environ: Mapping[str, str]) -> bool:
    others = environ.get("OPENAI_BASE_URL") or environ.get("LORESMITH_PROVIDERS")
    return bool(others or _is_set("OPENAI_API_KEY", environ))


def _model_description(
    options: UpOptions, env: Mapping[str, str], settings: Settings, offline: ChildProcess | None
) -> str:
    if offline:
        default_s = env.get(OFFLINE_ANSWER_S) or "30"
        seconds = default_s if options.seconds is None else f"{options.seconds:g}"
        cost = f"cost simulated by {PRICES}" if env.get(PRICES) else "no charge"
        return f"offline model (not an LLM), {seconds} s per answer, {cost}"
    servers = ", ".join(provider.base_url for provider in settings.providers)
    return f"{settings.providers.default_model}, at {servers}"
