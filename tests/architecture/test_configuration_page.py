"""docs/configuration.md says what can be set: every variable, its default and its meaning."""

from dataclasses import Field, fields
from pathlib import Path
from typing import Any

import pytest

from jobs.config import Config
from lore_service.config import LoreConfig

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
SETTINGS = {setting.metadata["variable"]: setting for setting in fields(LoreConfig)}


def test_the_lore_service_has_all_common_settings() -> None:
    assert {setting.metadata["variable"] for setting in fields(Config)} <= set(SETTINGS)


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=list(SETTINGS))
def test_a_setting_has_its_row(setting: "Field[Any]") -> None:
    default = setting.default
    shown = f"{default:g}" if isinstance(default, float) else str(default)
    cell = f"`{shown}`" if shown else "none"

    row = f"| `{setting.metadata['variable']}` | {cell} | {setting.metadata['meaning']} |"

    assert PAGE.count(row) == 1
