"""Files that fit on a few screens. Those that do not are debts, named here with their limit."""

from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, committed

LIMITS = {".py": 300, ".lua": 90}
GENERATED = ("_pb2.py", "_pb2_grpc.py")
DEBTS = {
    "tests/integration/test_lore_service.py": 380,  # to be split
    "tests/unit/api/test_api_create.py": 310,  # to be split
    "tests/unit/loresmith/test_client_operations.py": 350,  # to be split
}


def sized() -> list[Path]:
    return [
        path for path in committed() if path.suffix in LIMITS and not path.name.endswith(GENERATED)
    ]


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_file_is_too_long() -> None:
    too_long = [
        f"{name}: {found} lines, at most {limit}"
        for path in sized()
        if (found := lines(path))
        > (limit := DEBTS.get(name := path.relative_to(ROOT).as_posix(), LIMITS[path.suffix]))
    ]

    assert too_long == []


@pytest.mark.parametrize("name", DEBTS)
def test_a_debt_is_one_still(name: str) -> None:
    """Given a named debt / I expect it to be over the common limit, or it should leave the list."""
    assert lines(ROOT / name) > LIMITS[Path(name).suffix]
