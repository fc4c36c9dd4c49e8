"""Do the tests have teeth? Takes one rule away at a time, and expects some test to turn red.

    python -m tests.mutations               all of them
    python -m tests.mutations settle fence  those with one of these words in their name
    python -m tests.mutations --list        only their names

Each rule is taken from a copy of the tree, never from the tree itself. Prints a table; exits with 1
when a mutant survives, which means that a rule could be lost without anybody noticing.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from tests.architecture.tree import ROOT, committed
from tests.mutants import MUTANTS, Mutant

FOLDERS = ("api", "archive", "jobs", "lore_service", "loresmith", "protos", "tests", "worker")
QUICK = (
    "-q", "-x", "--no-header", "--tb=no",
    "-p", "no:randomly", "-p", "no:cacheprovider", "--assert=plain",
)  # fmt: skip
STORE = "tests/store"
WHOLE = "tests/integration"
"""Tests that start processes; some rules show nowhere else."""
LAST = ("test_twice.py", "test_wrong_types.py", "test_machine.py")
"""The slower ones of the store suite: mostly a directed test is red before."""
PASSED, FAILED = 0, 1


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant."""

    name: str
    killed_by: str
    """The first test that turned red; empty when all stayed green."""
    seconds: float

    def __str__(self) -> str:
        return f"{self.seconds:5.1f} s  {self.name:<58}  {self.killed_by or 'SURVIVED'}"


def copied(into: Path) -> Path:
    """A copy of what the tests need."""
    for path in committed():
        name = path.relative_to(ROOT)
        if name.parts[0] in FOLDERS or str(name) == "pyproject.toml":
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, into / name)
    return into


@contextmanager
def mutated(tree: Path, mutant: Mutant) -> Iterator[None]:
    """The tree without the rule, for the length of a with block."""
    path = tree / mutant.file
    whole = path.read_text(encoding="utf-8")
    path.write_text(mutant.applied_to(whole), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(whole, encoding="utf-8")


def first_red(tree: Path, tests: Sequence[str]) -> str:
    """The first test that fails in a tree, or ''."""
    whole = [test for test in tests if test.startswith(WHOLE)]
    quick = [test for test in tests if test not in whole]
    return (quick and _red(tree, quick, "not integration and not e2e")) or (
        _red(tree, whole, "integration") if whole else ""
    )


def _red(tree: Path, tests: Sequence[str], marked: str) -> str:
    files = [file for test in tests for file in _in_order(tree, test)]
    command = [sys.executable, "-B", "-m", "pytest", *QUICK, "-m", marked, *files]
    ran = subprocess.run(command, cwd=tree, capture_output=True, text=True, env=_environment())
    if ran.returncode == PASSED:
        return ""
    reds = [line for line in ran.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    if ran.returncode != FAILED or not reds:
        raise RuntimeError(f"pytest did not run:\n{ran.stdout}\n{ran.stderr}")
    return reds[0].split(" - ")[0].split("/")[-1]


def _in_order(tree: Path, test: str) -> list[str]:
    """A test's name; the store suite as its files, the slower ones last."""
    if test != STORE:
        return [test]
    found = sorted(
        (tree / STORE).glob("test_*.py"), key=lambda path: (path.name in LAST, path.name)
    )
    return ["--hypothesis-profile=unshrunk", *(str(path.relative_to(tree)) for path in found)]


def _environment() -> dict[str, str]:
    """Without what would let the copy import the tree it was made from."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def judged(trees: "SimpleQueue[Path]", mutant: Mutant) -> Verdict:
    tree, began = trees.get(), time.monotonic()
    try:
        with mutated(tree, mutant):
            return Verdict(mutant.name, first_red(tree, mutant.tests), time.monotonic() - began)
    finally:
        trees.put(tree)


def run(mutants: Sequence[Mutant], at_once: int) -> int:
    """Judges all and prints the table; the exit status."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        trees: SimpleQueue[Path] = SimpleQueue()
        for number in range(at_once):
            trees.put(copied(Path(folder) / str(number)))
        if red := _red_without_a_mutant(trees, mutants):
            print(f"The tests are red without any mutant: {red}")
            return 1
        with ThreadPoolExecutor(at_once) as pool:
            verdicts = pool.map(lambda mutant: judged(trees, mutant), mutants)
            survivors = [verdict for verdict in map(_told, verdicts) if not verdict.killed_by]
    print(f"{len(mutants) - len(survivors)} of {len(mutants)} mutants killed")
    return 1 if survivors else 0


def _red_without_a_mutant(trees: "SimpleQueue[Path]", mutants: Sequence[Mutant]) -> str:
    tree = trees.get()
    trees.put(tree)
    return first_red(tree, sorted({test for mutant in mutants for test in mutant.tests}))


def _told(verdict: Verdict) -> Verdict:
    print(verdict, flush=True)
    return verdict


def main(arguments: Sequence[str]) -> int:
    words = [word for word in arguments if not word.startswith("-")]
    chosen = [m for m in MUTANTS if not words or any(word in m.name for word in words)]
    if "--list" in arguments:
        print("\n".join(mutant.name for mutant in chosen))
        return 0
    if not chosen:
        print("No mutant has such a name; --list shows all")
        return 2
    return run(chosen, at_once=min(len(chosen), os.cpu_count() or 1))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
