"""Job types that are not shipped: files, folders and installed packages, and what they refuse."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from loresmith.jobs.types.discovery import RegistryError
from loresmith.jobs.types.registry import REGISTRY, load
from tests.unit.jobs.types.plugin_source import source

PACKAGE = """Metadata-Version: 2.1
Name: {name}
Version: 1.0
"""


@pytest.fixture(autouse=True)
def _forget_modules() -> Iterator[None]:
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.startswith(("loresmith_job_types_", "acme")):
            del sys.modules[name]


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def install(site: Path, name: str, entry: str, text: str) -> None:
    """Puts a package with one entry point where pip would."""
    written(site / f"{name}.py", text)
    info = site / f"{name}-1.0.dist-info"
    written(info / "METADATA", PACKAGE.format(name=name))
    written(info / "entry_points.txt", f"[loresmith.job_types]\n{entry}\n")


def added(paths: object) -> frozenset[str]:
    return load(str(paths)).added


def refusal(paths: object) -> str:
    with pytest.raises(RegistryError) as caught:
        load(str(paths))
    return str(caught.value)


def test_a_file_is_a_job_type_beside_the_shipped_ones(tmp_path: Path) -> None:
    file = written(tmp_path / "sums.py", source())

    registry = load(str(file))

    assert registry.added == {"add_numbers"}
    assert set(registry.job_types) == {*REGISTRY.job_types, "add_numbers"}
    assert registry.fingerprint != REGISTRY.fingerprint


def test_a_folder_has_several_and_its_modules_share_a_helper(tmp_path: Path) -> None:
    """Given two files that import a helper relatively / I expect both, and not the helper."""
    written(tmp_path / "_shared.py", "WORD = 'Adds'")
    text = "from ._shared import WORD\n" + source("first_type").replace("'Adds two", "f'{WORD} two")
    written(tmp_path / "first.py", text)
    written(tmp_path / "second.py", source("second_type"))

    assert added(tmp_path) == {"first_type", "second_type"}


def test_a_module_may_declare_several(tmp_path: Path) -> None:
    text = source() + "\nfrom dataclasses import replace\n"
    text += "JOB_TYPES = (JOB_TYPE, replace(JOB_TYPE, name='add_more'))\ndel JOB_TYPE\n"

    assert added(written(tmp_path / "sums.py", text)) == {"add_numbers", "add_more"}


def test_several_paths(tmp_path: Path) -> None:
    first = written(tmp_path / "a" / "one.py", source("one_type"))
    second = written(tmp_path / "b" / "one.py", source("another_type"))

    assert added(f"{first}{os.pathsep}{second.parent}") == {"one_type", "another_type"}


@pytest.mark.parametrize("entry", ["sums = acme_sums", "sums = acme_sums:JOB_TYPE"])
def test_an_installed_package(tmp_path: Path, entry: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given an entry point that names a module, or a job type in one / I expect it."""
    install(tmp_path, "acme_sums", entry, source())
    monkeypatch.syspath_prepend(tmp_path)

    assert added("") == {"add_numbers"}


def test_the_fingerprint_depends_on_the_text_and_not_on_the_place(tmp_path: Path) -> None:
    here = load(str(written(tmp_path / "a" / "sums.py", source()))).fingerprints["add_numbers"]
    sys.modules.pop("loresmith_job_types_0.sums")
    there = load(str(written(tmp_path / "b" / "sums.py", source().replace("\n", "\r\n"))))
    sys.modules.pop("loresmith_job_types_0.sums")
    changed = source().replace("payload.left + payload.right", "payload.left - payload.right")
    other = load(str(written(tmp_path / "c" / "sums.py", changed)))

    assert there.fingerprints["add_numbers"] == here
    assert other.fingerprints["add_numbers"] != here


def test_the_fingerprint_is_the_same_in_another_process(tmp_path: Path) -> None:
    file = written(tmp_path / "sums.py", source())
    program = "from loresmith.jobs.types.registry import REGISTRY; print(REGISTRY.fingerprint)"
    env = os.environ | {"LORESMITH_JOB_TYPES": str(file), "PYTHONHASHSEED": "7"}

    printed = subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True
    )

    assert printed.stdout.strip() == load(str(file)).fingerprint


FAULTS = {
    "a syntax error": ("x = 1\ndef add(:\n", "line 2: SyntaxError: ", "correct the file"),
    "a missing import": (
        "\nimport no_such_thing\n",
        "line 2: ModuleNotFoundError: No module named 'no_such_thing'",
        "install what it imports wherever api, worker and lore_service run",
    ),
    "an error": ("x = 1\n\ny = 1 / 0\n", "line 3: ZeroDivisionError", "correct the file"),
    "an exit": ("import sys\nsys.exit('no')\n", "line 2: SystemExit: no", "correct the file"),
    "no job type": ("x = 1\n", "declares no JOB_TYPE", "docs/adding-a-job-type.md"),
    "another object": ("JOB_TYPE = 'x'\n", "but a str", "docs/adding-a-job-type.md"),
    "a shipped name": (
        source("create_world"),
        "'create_world' is a job type of Loresmith",
        "choose another name",
    ),
    "a bad name": (source("Add-Numbers"), "'Add-Numbers' is no name of a job type", "lower-case"),
    "a bad step": (
        source().replace('Step("add"', 'Step("add/all"'),
        "'add/all' is no name of a step",
        "correct the file",
    ),
    "no schema": (
        source().replace("result=int", "result=object()"),
        "'add_numbers' cannot be described",
        "correct its payload, result or example",
    ),
    "a wrong example": (
        source().replace('{"left": 2}', '{"left": "two"}'),
        "left",
        "correct its payload, result or example",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_line_with_file_and_remedy(tmp_path: Path, fault: str) -> None:
    text, what, remedy = FAULTS[fault]

    message = refusal(written(tmp_path / "sums.py", text))

    assert message.startswith(str(tmp_path / "sums.py"))
    assert what in message
    assert remedy in message
    assert "\n" not in message


def test_two_types_of_one_name(tmp_path: Path) -> None:
    written(tmp_path / "one.py", source())
    written(tmp_path / "two.py", source())

    message = refusal(tmp_path)

    assert message.startswith(f"{tmp_path / 'two.py'}: 'add_numbers' is also")
    assert str(tmp_path / "one.py") in message


@pytest.mark.parametrize(
    ("name", "text"),
    [("no-such", "is not there"), ("types.txt", "is not a Python file"), ("empty", "no Python")],
)
def test_a_path_without_job_types(tmp_path: Path, name: str, text: str) -> None:
    written(tmp_path / "types.txt", "")
    (tmp_path / "empty").mkdir()

    assert text in refusal(tmp_path / name)


def test_a_package_that_does_not_load_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "acme_broken", "sums = acme_broken", "import no_such_thing\n")
    monkeypatch.syspath_prepend(tmp_path)

    message = refusal("")

    assert "acme_broken.py, line 1: ModuleNotFoundError" in message


@pytest.mark.parametrize("module", ["api", "worker", "lore_service"])
def test_each_process_stops_with_one_line(tmp_path: Path, module: str) -> None:
    """Given a file that does not load / I expect its line on stderr, and no traceback."""
    file = written(tmp_path / "sums.py", "import no_such_thing\n")

    ended = subprocess.run(
        [sys.executable, "-m", f"loresmith.{module}", "--job-types", str(file)],
        capture_output=True, text=True, timeout=60, check=False,
        env=os.environ | {"OPENAI_API_KEY": "none"},
    )  # fmt: skip

    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        f"{file}, line 1: ModuleNotFoundError: No module named 'no_such_thing'; "
        "install what it imports wherever api, worker and lore_service run"
    ]
