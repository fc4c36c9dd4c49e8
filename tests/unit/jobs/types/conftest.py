"""A folder of job types that a test may add to."""

import sys
from collections.abc import Callable, Iterator
from importlib import invalidate_caches
from pathlib import Path

import pytest

import loresmith.jobs.types.builtin

Drop = Callable[[str, str], None]


@pytest.fixture
def drop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Drop]:
    """Puts a module into the folder of job types, for one test."""
    before = set(sys.modules)
    monkeypatch.setattr(
        loresmith.jobs.types.builtin,
        "__path__",
        [*loresmith.jobs.types.builtin.__path__, str(tmp_path)],
    )

    def put(name: str, source: str) -> None:
        (tmp_path / f"{name}.py").write_text(source)
        invalidate_caches()

    yield put
    for name in set(sys.modules) - before:
        if name.startswith("loresmith.jobs.types.builtin."):
            del sys.modules[name]
            delattr(loresmith.jobs.types.builtin, name.rsplit(".", 1)[-1])
