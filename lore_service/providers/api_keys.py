"""Reads the keys of the providers from their variables and files."""

import os
from collections.abc import Mapping

from loresmith.jobs.core.settings.checks import SettingsError, printable, secret_in
from loresmith.jobs.core.settings.providers import OPENAI_BASE_URL, ProviderConfig
from loresmith.lore_service.settings import LoreServiceSettings


def api_key(
    provider: ProviderConfig, config: LoreServiceSettings, environ: Mapping[str, str] = os.environ
) -> str:
    """Returns the key of a provider; empty when its server needs none. Raises SettingsError."""
    if not provider.name:
        return config.api_key
    where = f"{config.providers_file}: [{provider.name}]"
    if provider.key_file:
        return _from_file(provider, where)
    if provider.key_env:
        return _from_variable(provider.key_env, where, environ)
    if provider.base_url.rstrip("/") == OPENAI_BASE_URL:
        raise SettingsError(f"{where} needs key_env (or key_file): the variable with its key")
    return ""


def _from_file(provider: ProviderConfig, where: str) -> str:
    assert provider.key_file
    try:
        return printable(secret_in(provider.key_file))
    except ValueError as error:
        raise SettingsError(f"{where} key_file={provider.key_file} {error}") from None


def _from_variable(variable: str, where: str, environ: Mapping[str, str]) -> str:
    # A key that was pasted in the place of its variable is not repeated.
    name = f"key_env={variable}" if variable.isupper() else "key_env"
    try:
        key = printable(environ.get(variable, ""))
    except ValueError as error:
        raise SettingsError(f"{where} {name}: the variable {error}") from None
    if not key:
        raise SettingsError(f"{where} {name}: the variable that it names is not set; set the key")
    return key
