"""What is committed works on any machine: it names no registry, no mirror and no path of one."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import ROOT, committed

# Put together here, so that this file does not name them either.
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("python" + "hosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("crates", "io"),
        ("rubygems", "org"),
        ("proxy", "golang", "org"),
        ("docker", "io"),
        ("ghcr", "io"),
        ("quay", "io"),
        ("deb", "debian", "org"),
        ("archive", "ubuntu", "com"),
    )
]
FOLDERS = ["/" + "/".join(parts) for parts in (("work",), ("tmp", "v"), ("root",), ("opt", "pypi"))]
OURS = [str(path) for path in (ROOT, Path.home()) if len(path.parts) > 2]

FORBIDDEN = re.compile(
    "|".join(
        [rf"\b{re.escape(host)}\b" for host in REGISTRIES]
        + [rf"(?<![\w./-]){re.escape(folder)}(?![\w-])" for folder in FOLDERS + OURS]
    )
)


def found(text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), start=1):
        if wrong := FORBIDDEN.search(line):
            yield f"{number}: {wrong[0]}"


def test_no_registry_and_no_path_of_a_machine_is_committed() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{where}"
        for path in committed()
        for where in found(path.read_text(encoding="utf-8", errors="ignore"))
    ]

    assert wrong == []


def test_they_would_be_found() -> None:
    for name in [*REGISTRIES, *FOLDERS, *OURS]:
        assert list(found(f"see {name} for more"))
        assert list(found(f"--index-url=https://{name}/simple" if "." in name else f"'{name}/x'"))


def test_what_only_looks_like_them_is_fine() -> None:
    assert not list(found("docs/work and the /workers of api/root are ours, ./root too"))
