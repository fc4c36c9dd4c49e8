"""Who may import whom: the contracts of pyproject.toml, explained in docs/architecture.md."""

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from tests.architecture.tree import ROOT


def test_the_contracts_hold(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)

    status = lint_imports(no_cache=True, is_debug_mode=False)

    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out
