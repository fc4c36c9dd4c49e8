"""The public surface is what tests/architecture/snapshots says; a change to it is deliberate."""

from difflib import unified_diff

import pytest

from tests.architecture.snapshots.surfaces import FOLDER, SURFACES


@pytest.mark.parametrize("name", SURFACES)
def test_the_surface_is_the_committed_one(name: str) -> None:
    """Given a committed snapshot / I expect the product to show the same now."""
    committed = (FOLDER / name).read_text(encoding="utf-8")
    current = SURFACES[name]()

    difference = "\n".join(
        unified_diff(committed.splitlines(), current.splitlines(), name, "now", lineterm="", n=2)
    )
    assert not difference, f"\n{difference}\nIf the change is meant: make snapshots"


def test_every_snapshot_has_a_surface() -> None:
    files = {path.name for path in FOLDER.iterdir() if path.suffix in (".json", ".txt")}

    assert files == set(SURFACES)
