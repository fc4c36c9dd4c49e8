"""docs/configuration.md lists every variable with its default and its meaning."""

from pathlib import Path

import pytest
from pydantic.fields import FieldInfo

from loresmith.jobs.core.settings import Settings
from loresmith.lore_service.settings import LoreServiceSettings

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
SETTINGS = {str(row.validation_alias): row for row in LoreServiceSettings.model_fields.values()}


def test_the_lore_service_has_all_common_settings() -> None:
    assert {str(row.validation_alias) for row in Settings.model_fields.values()} <= set(SETTINGS)


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=list(SETTINGS))
def test_a_setting_has_its_row(setting: FieldInfo) -> None:
    default = setting.default
    shown = f"{default:g}" if isinstance(default, float) else str(default)
    cell = f"`{shown}`" if shown else "none"

    row = f"| `{setting.validation_alias}` | {cell} | {setting.description} |"

    assert PAGE.count(row) == 1
