"""Gives each process the environment variables that it needs, and no secret of another.

A provider's key is known to the lore_service only, and Redis and the offline model know none: a
process that leaks its environment leaks nothing of the others.
"""

import re
from collections.abc import Collection, Mapping
from typing import Final

from loresmith.jobs.core.settings import Settings
from loresmith.jobs.core.settings import SettingsError as SettingsError
from loresmith.jobs.core.settings.env_file import env_file as env_file
from loresmith.jobs.core.settings.env_file import load_env_file as load_env_file

COMMON: Final = re.compile(
    r"PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|TZ|LANG|LANGUAGE|LC_\w+|PYTHON\w*|LD_LIBRARY_PATH"
    r"|SSL_CERT_FILE|SSL_CERT_DIR|VIRTUAL_ENV|GRPC_\w+|OPENSSL_CONF|XDG_RUNTIME_DIR"
)
"""Variables of the system and of Python, which every process may have."""
PROXY: Final = re.compile(r"(HTTP|HTTPS|ALL|NO)_PROXY", re.IGNORECASE)
"""For processes that send requests to other servers; a proxy's URL may hold a password."""
OURS: Final = re.compile(
    r"LORESMITH_\w+|OPENAI_\w+|REDIS_URL|DATABASE_URL|REDIS_URL_FILE|DATABASE_URL_FILE"
)
PASSED: Final = "LORESMITH_PASS_ENV"
"""Names of further variables for the workers, whose job types may read them."""
SECRETS: Final = frozenset(
    {*Settings.secrets(), "OPENAI_API_KEY", "LORESMITH_API_KEY", "LORESMITH_AI_LOG_KEY"}
)
OF_WORKERS: Final = frozenset({"REDIS_URL", "DATABASE_URL", "LORESMITH_LORE_SERVICE_TOKEN"})
OF_THE_LORE_SERVICE: Final = frozenset(
    {"REDIS_URL", "LORESMITH_LORE_SERVICE_TOKEN", "OPENAI_API_KEY", "LORESMITH_AI_LOG_KEY"}
)
OF_THE_API: Final = frozenset(Settings.secrets())


class PartEnvironments:
    """Chooses from the environment of a stack what each of its processes gets."""

    def __init__(self, env: Mapping[str, str], provider_keys: Collection[str] = ()) -> None:
        """`provider_keys`: the variables with the keys of LORESMITH_PROVIDERS."""
        self._env = env
        self._provider_keys = frozenset(provider_keys)

    def plain(self) -> dict[str, str]:
        """For Redis and the offline model, which get no setting that is a secret."""
        return self._chosen(frozenset())

    def worker(self) -> dict[str, str]:
        names = self._env.get(PASSED, "").replace(",", " ").split()
        passed = {name: self._env[name] for name in names if name in self._env}
        return passed | self._chosen(OF_WORKERS)

    def lore_service(self) -> dict[str, str]:
        return self._chosen(OF_THE_LORE_SERVICE | self._provider_keys, proxies=True)

    def api(self) -> dict[str, str]:
        return self._chosen(OF_THE_API, proxies=True)

    def _chosen(self, secrets: frozenset[str], *, proxies: bool = False) -> dict[str, str]:
        withheld = (SECRETS | self._provider_keys) - secrets
        return {
            name: value
            for name, value in self._env.items()
            if name.removesuffix("_FILE") not in withheld
            and (
                COMMON.fullmatch(name)
                or OURS.fullmatch(name)
                or name in secrets
                or (proxies and PROXY.fullmatch(name))
            )
        }
