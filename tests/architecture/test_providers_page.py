"""docs/providers.md lists every key of a provider's table, and its example is valid."""

import re
from pathlib import Path

from loresmith.jobs.core.settings.providers_file import KEYS, load_providers
from tests.architecture.tree import ROOT

PAGE = (ROOT / "docs" / "providers.md").read_text(encoding="utf-8")


def test_every_key_has_its_row() -> None:
    section = PAGE.split("## Keys of a table")[1].split("\n## ")[0]

    assert sorted(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == KEYS


def test_the_example_is_valid(tmp_path: Path) -> None:
    file = tmp_path / "providers.toml"
    file.write_text(PAGE.split("```toml\n")[1].split("```")[0], encoding="utf-8")

    table = load_providers(file, "gpt-5-mini")

    assert [provider.name for provider in table] == ["openai", "azure", "local"]
    assert table.resolve("meta-llama/Llama-3.1-8B").name == "local/meta-llama/Llama-3.1-8B"
