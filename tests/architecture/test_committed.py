"""Committed files name no registry, no mirror and no path of a machine."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import ROOT, committed, line_of, text_of

# Joined here, so that this file does not name them either.
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


def matches(text: str) -> Iterator[str]:
    if any(name in text for name in [*REGISTRIES, *FOLDERS, *OURS]):  # quicker than the expression
        for match in FORBIDDEN.finditer(text):
            yield f"{line_of(text, match.start())}: {match[0]}"


def test_no_registry_or_machine_path_is_committed() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{where}"
        for path in committed()
        for where in matches(text_of(path))
    ]

    assert wrong == []


def test_forbidden_names_match() -> None:
    for name in [*REGISTRIES, *FOLDERS, *OURS]:
        assert list(matches(f"see {name} for more"))
        assert list(matches(f"--index-url=https://{name}/simple" if "." in name else f"'{name}/x'"))


def test_similar_names_do_not_match() -> None:
    assert not list(matches("docs/work and the /workers of api/root are ours, ./root too"))
