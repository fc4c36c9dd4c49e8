"""Reads the providers file (LORESMITH_PROVIDERS): TOML, one table for each provider."""

import difflib
import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from loresmith.jobs.core.settings.checks import SettingsError
from loresmith.jobs.core.settings.providers import (
    CHAT_ONLY,
    ProviderConfig,
    ProviderTable,
    UnknownModel,
)

DEFAULT = "default"
"""The key outside of all tables: the name of the default provider."""
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
KEYS = sorted(set(ProviderConfig.model_fields) - {"name"})


def load_providers(path: Path, default_model: str) -> ProviderTable:
    """Reads all providers. Raises SettingsError, which names file, table, key and remedy."""
    tables = _read(path)
    default = tables.pop(DEFAULT, "")
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise SettingsError(f"{path}: {name} stands outside of a table; move it below [name]")
    if not tables:
        raise SettingsError(f"{path} has no provider; add a table such as [openai]")
    if default and default not in tables:
        raise SettingsError(f"{path}: default={default!r} must be one of {', '.join(tables)}")
    providers = [_provider(path, name, table) for name, table in tables.items()]
    try:
        return ProviderTable(providers, default_model, default)
    except UnknownModel as error:
        raise SettingsError(
            f"LORESMITH_MODEL={default_model}: {error} Set LORESMITH_MODEL to a model of {path}"
        ) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file, parse_float=Decimal)
    except OSError as error:
        raise SettingsError(
            f"LORESMITH_PROVIDERS={path} cannot be read: {error.strerror}"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"LORESMITH_PROVIDERS={path} is not TOML: {error}") from None


def _provider(path: Path, name: str, table: Mapping[str, Any]) -> ProviderConfig:
    where = f"{path}: [{name}]"
    if not NAME.fullmatch(name):
        raise SettingsError(
            f"{where}: the name of a provider has lower-case letters, digits, _ and - only"
        )
    for key in table:
        if key not in KEYS:
            raise SettingsError(f"{where} {_unknown_key(key)}")
    try:
        provider = ProviderConfig.model_validate({**_with_folder(table, path.parent), "name": name})
    except ValidationError as error:
        raise SettingsError(f"{where} {_first_fault(error)}") from None
    _check_together(where, provider)
    return provider


def _check_together(where: str, provider: ProviderConfig) -> None:
    """Compares keys that depend on each other. Raises SettingsError."""
    if provider.key_env and provider.key_file:
        raise SettingsError(f"{where} has key_env and key_file; remove one of them")
    if provider.api == "responses" and provider.schema_mode in CHAT_ONLY:
        raise SettingsError(
            f'{where} schema_mode={provider.schema_mode!r} needs api = "chat"; background '
            "responses take json_schema, json_object or prompt"
        )
    if provider.ca_file and not provider.ca_file.is_file():
        raise SettingsError(f"{where} ca_file={provider.ca_file} is not a file")


def _with_folder(table: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Makes the paths of a table relative to the folder of the file."""
    paths = {
        key: folder / path
        for key in ("key_file", "ca_file")
        if isinstance(path := table.get(key), str)
    }
    return {**table, **paths}


def _unknown_key(key: str) -> str:
    if key in ("key", "api_key", "token"):
        return f"{key}: keys of accounts are not written here; set key_env or key_file"
    near = difflib.get_close_matches(key, KEYS, n=1)
    hint = f"did you mean {near[0]}?" if near else f"the keys are {', '.join(KEYS)}"
    return f"{key} is not a key of a provider; {hint}"


def _first_fault(error: ValidationError) -> str:
    """Describes the first fault without its value, which may be a secret."""
    first = error.errors(include_url=False, include_input=False)[0]
    fault = first["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    key = ".".join(str(part) for part in first["loc"] if part != "[key]")
    return f"{key} {fault}"
