"""Files fit on a few screens."""

from pathlib import Path

from tests.architecture.tree import ROOT, committed

LIMITS = {".py": 300, ".lua": 90}
GENERATED = ("_pb2.py", "_pb2_grpc.py")


def sized() -> list[Path]:
    return [
        path for path in committed() if path.suffix in LIMITS and not path.name.endswith(GENERATED)
    ]


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_file_is_too_long() -> None:
    too_long = [
        f"{path.relative_to(ROOT)}: {length} lines, at most {limit}"
        for path in sized()
        if (length := lines(path)) > (limit := LIMITS[path.suffix])
    ]

    assert too_long == []
