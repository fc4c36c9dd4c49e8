"""Which parts a stack has, and what each of them is told."""

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jobs.config import Config, ConfigError
from loresmith.up import redis_server
from loresmith.up.errors import UpError
from loresmith.up.folder import Folder
from loresmith.up.part import Part

SECRETS: Final = ("OPENAI_API_KEY",)
"""What only the lore_service is told."""
OFFLINE_MODEL: Final = "offline-lore-1"
"""So that no job claims to be written by a real model."""
PACE: Final = "LORESMITH_OFFLINE_SECONDS"
PACKAGES: Final = Path(__file__).resolve().parents[2]
"""Where the parts are imported from: beside us, never from the folder a person stands in."""
STOP_S: Final = 10.0
"""Seconds that a part without jobs may take to stop."""
BEYOND_GRACE_S: Final = 5.0


@dataclass(frozen=True)
class Wanted:
    """What a person asked for."""

    port: int = 8080
    data_dir: Path = Path(".loresmith")
    host: str = "127.0.0.1"
    public: bool = False
    """Whether other machines may reach the api."""
    workers: int = 1
    concurrency: int | None = None
    """Jobs that each worker runs at once; as LORESMITH_CONCURRENCY says, when None."""
    seconds: float | None = None
    """How long the offline model writes at one answer."""

    @property
    def url(self) -> str:
        """Where the api is reached from this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


@dataclass(frozen=True)
class Plan:
    """A stack before it is started."""

    redis: Part | None
    """None when REDIS_URL names one of the caller's own."""
    others: tuple[Part, ...]
    """Those that need Redis; they stop in the reverse order."""
    redis_url: str
    database_url: str
    model: str
    """Which language model, for people."""

    offline: bool
    """Whether that is our stand-in, and no language model."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """All of them, in the order in which they start."""
        return ((self.redis,) if self.redis else ()) + self.others


def plan_for(wanted: Wanted, environ: Mapping[str, str], folder: Folder) -> Plan:
    """The stack for these wishes and settings. Raises UpError."""
    redis = None if environ.get("REDIS_URL") else _redis(environ, folder)
    env = _environment(wanted, environ, folder) | ({"REDIS_URL": redis.where} if redis else {})
    try:
        config = Config.from_env(env)
    except ConfigError as error:
        raise UpError(f"{error}.") from None
    public = {name: value for name, value in env.items() if name not in SECRETS}
    offline = None if _has_model(environ) else _offline(wanted, public, folder)
    named = _names_of(offline, env)
    return Plan(
        redis,
        (
            *((offline,) if offline else ()),
            _lore_service(env | _offline_key(offline) | named, config, folder),
            *(_worker(number, public, config, folder) for number in range(1, wanted.workers + 1)),
            _api(wanted, public | named, folder),
        ),
        config.redis_url,
        config.database_url,
        _model(wanted, env, offline),
        offline is not None,
    )


def _environment(wanted: Wanted, environ: Mapping[str, str], folder: Folder) -> dict[str, str]:
    """What all parts are told."""
    env = {**environ, "PYTHONUNBUFFERED": "1", "LORESMITH_DATA_DIR": str(folder.path)}
    env["PYTHONPATH"] = os.pathsep.join(filter(None, (str(PACKAGES), environ.get("PYTHONPATH"))))
    if not env.get("DATABASE_URL"):
        env["DATABASE_URL"] = f"sqlite:///{folder.path}/worlds.db"
    if not env.get("LORE_ADDRESS"):
        env["LORE_ADDRESS"] = f"127.0.0.1:{folder.port('lore_service')}"
    if wanted.concurrency is not None:
        env["LORESMITH_CONCURRENCY"] = str(wanted.concurrency)
    return env


def _redis(environ: Mapping[str, str], folder: Folder) -> Part:
    """It holds the folder's lock with us: nobody else writes there while it lives."""
    data, port = folder.below("redis"), folder.port("redis")
    return Part(
        "redis",
        redis_server.command(redis_server.find(data), port, data),
        {name: value for name, value in environ.items() if name not in SECRETS},
        folder.log("redis"),
        f"redis://127.0.0.1:{port}/0",
        STOP_S,
        inherits=(folder.lock,),
    )


def _offline(wanted: Wanted, env: Mapping[str, str], folder: Folder) -> Part:
    port = folder.port("offline")
    pace = [] if wanted.seconds is None else ["--seconds", f"{wanted.seconds:g}"]
    return Part(
        "offline",
        _python("lore_service.offline", "--port", str(port), *pace),
        env,
        folder.log("offline"),
        f"http://127.0.0.1:{port}/v1",
        STOP_S,
    )


def _names_of(offline: Part | None, env: Mapping[str, str]) -> dict[str, str]:
    """Which model answers where: what estimates and calls must agree on."""
    if offline is None:
        return {}
    return {
        "OPENAI_BASE_URL": offline.where,
        "LORE_MODEL": env.get("LORE_MODEL") or OFFLINE_MODEL,
    }


def _offline_key(offline: Part | None) -> dict[str, str]:
    return {"OPENAI_API_KEY": "offline"} if offline else {}


def _lore_service(env: Mapping[str, str], config: Config, folder: Folder) -> Part:
    return Part(
        "lore_service",
        _python("lore_service"),
        env,
        folder.log("lore_service"),
        f"grpc://{config.lore_address}",
        config.grace_s + BEYOND_GRACE_S,
    )


def _worker(number: int, env: Mapping[str, str], config: Config, folder: Folder) -> Part:
    name = "worker" if number == 1 else f"worker{number}"
    where = f"up to {config.concurrency} jobs at once"
    grace_s = config.grace_s + BEYOND_GRACE_S
    return Part(name, _python("worker"), env, folder.log(name), where, grace_s)


def _api(wanted: Wanted, env: Mapping[str, str], folder: Folder) -> Part:
    options = ["--host", wanted.host, "--port", str(wanted.port)]
    if wanted.public:
        options.append("--public")
    return Part("api", _python("api", *options), env, folder.log("api"), wanted.url, STOP_S)


def _python(module: str, *options: str) -> list[str]:
    """-P: a folder named `api` where a person stands must not be taken for ours."""
    return [sys.executable, "-P", "-m", module, *options]


def _has_model(environ: Mapping[str, str]) -> bool:
    return bool(environ.get("OPENAI_API_KEY") or environ.get("OPENAI_BASE_URL"))


def _model(wanted: Wanted, env: Mapping[str, str], offline: Part | None) -> str:
    if offline:
        pace = f"{wanted.seconds:g}" if wanted.seconds is not None else env.get(PACE) or "30"
        return f"offline model, not an LLM: readable lore for nothing, {pace} s an answer"
    server = redacted(env.get("OPENAI_BASE_URL") or "OpenAI")
    return f"{env.get('LORE_MODEL') or 'the default of the lore_service'}, at {server}"


def redacted(url: str) -> str:
    """A URL that people may see: without its password."""
    return re.sub(r"(://[^/@:]*):[^/@]*@", r"\1:***@", url)
