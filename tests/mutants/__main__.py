"""Takes one rule away at a time, in a copy of the tree, and expects a test to fail.

    python -m tests.mutants               all of them
    python -m tests.mutants settle fence  those with one of these words in their name
    python -m tests.mutants --sample 60   60 of them, evenly spread
    python -m tests.mutants --list        only their names

Prints a table; exits with 1 when a mutant survives.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from subprocess import PIPE

from tests.architecture.tree import ROOT, committed
from tests.mutants import MUTANTS, Mutant, NoPlace
from tests.mutants.mutant import STORE

QUICK = (
    "-q", "-x", "--no-header", "--tb=no",
    "-p", "no:randomly", "-p", "no:cacheprovider", "--assert=plain",
)  # fmt: skip
INTEGRATION = "tests/integration"
"""Tests that start processes; some rules show nowhere else."""
LAST = ("test_twice.py", "test_wrong_types.py", "test_machine.py")
"""The slower ones of the store suite: mostly a directed test fails before."""
PASSED, FAILED, NONE_CHOSEN = 0, 1, 5
QUICKLY = "not integration and not thorough and not e2e"
SURVIVED, BROKEN = "SURVIVED", "BROKEN: "


@dataclass(frozen=True)
class Verdict:
    """Whether a test failed without the rule."""

    name: str
    result: str
    """The first test that failed, SURVIVED, or BROKEN and why nothing could be said."""
    seconds: float

    @property
    def is_killed(self) -> bool:
        return not self.result.startswith((SURVIVED, BROKEN))

    def __str__(self) -> str:
        return f"{self.seconds:5.1f} s  {self.name:<58}  {self.result}"


def copied(into: Path) -> Path:
    """A copy of what is committed."""
    for path in committed():
        copy = into / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    for link in (ROOT / "loresmith").iterdir():
        if link.is_symlink():
            (into / "loresmith" / link.name).symlink_to(link.readlink())
    return into


class Tree:
    """A copy of what is committed, and a process that runs its tests."""

    def __init__(self, path: Path) -> None:
        self._path = copied(path)
        self._output = path.with_suffix(".output")
        self._pytest = subprocess.Popen(
            [sys.executable, "-B", "tests/mutants/forking_pytest.py"],
            cwd=path, stdin=PIPE, stdout=PIPE, text=True, env=_environment(),
        )  # fmt: skip

    def close(self) -> None:
        self._pytest.communicate()

    @contextmanager
    def mutated(self, mutant: Mutant) -> Iterator[None]:
        """The tree without the rule, for the length of a with block."""
        path = self._path / mutant.file
        whole = path.read_text(encoding="utf-8")
        path.write_text(mutant.applied_to(whole), encoding="utf-8")
        try:
            yield
        finally:
            path.write_text(whole, encoding="utf-8")

    def first_failed(self, tests: Sequence[str], word: str = "") -> str:
        """The first test that fails, or ''; those with a word in their names come first."""
        whole = [test for test in tests if test.startswith(INTEGRATION)]
        quick = [test for test in tests if test not in whole]
        return (
            (word and quick and self._failed(quick, QUICKLY, "-k", word))
            or (quick and self._failed(quick, QUICKLY))
            or (whole and self._failed(whole, "integration"))
            or ""
        )

    def _failed(self, tests: Sequence[str], marked: str, *options: str) -> str:
        files = [file for test in tests for file in self._in_order(test)]
        arguments = [str(self._output), *QUICK, "-m", marked, *options, *files]
        assert self._pytest.stdin
        assert self._pytest.stdout
        self._pytest.stdin.write(json.dumps(arguments) + "\n")
        self._pytest.stdin.flush()
        status = int(self._pytest.stdout.readline())
        if status in (PASSED, NONE_CHOSEN):
            return ""
        output = self._output.read_text(encoding="utf-8")
        failures = [line for line in output.splitlines() if line.startswith(("FAILED", "ERROR"))]
        if status != FAILED or not failures:
            raise RuntimeError(f"pytest did not run:\n{output}")
        return failures[0].removeprefix("FAILED ").removeprefix("ERROR ").split(" - ")[0]

    def _in_order(self, test: str) -> list[str]:
        """A test's name; the store suite as its files, the slower ones last."""
        if test != STORE:
            return [test]
        matches = sorted(
            (self._path / STORE).glob("test_*.py"), key=lambda path: (path.name in LAST, path.name)
        )
        files = [str(path.relative_to(self._path)) for path in matches]
        return ["--hypothesis-profile=unshrunk", *files]


def _environment() -> dict[str, str]:
    """Without what would let the copy import the tree it was made from."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


class Judge:
    """Runs the tests of mutants in copies of the tree."""

    def __init__(self, trees: "SimpleQueue[Tree]") -> None:
        self._trees = trees

    def __call__(self, mutant: Mutant) -> Verdict:
        tree, began = self._trees.get(), time.monotonic()
        try:
            with tree.mutated(mutant):
                killer = tree.first_failed(mutant.tests, Path(mutant.file).stem)
            # A test that fails without the mutant, too, says nothing about it.
            broken = BROKEN if killer and tree.first_failed([killer]) else ""
            result = f"{broken}{killer.split('/')[-1]}" or SURVIVED
        except (NoPlace, RuntimeError) as error:
            result = f"{BROKEN}{error}"
        finally:
            self._trees.put(tree)
        return Verdict(mutant.name, result, time.monotonic() - began)


def run(mutants: Sequence[Mutant], at_once: int) -> int:
    """Judges all and prints the table; the exit status."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder, ExitStack() as stack:
        trees: SimpleQueue[Tree] = SimpleQueue()
        for number in range(at_once):
            trees.put(stack.enter_context(closing(Tree(Path(folder) / str(number)))))
        with ThreadPoolExecutor(at_once) as pool:
            verdicts = list(map(_printed, pool.map(Judge(trees), mutants)))
    killed = sum(verdict.is_killed for verdict in verdicts)
    print(f"{killed} of {len(mutants)} mutants killed")
    return 0 if killed == len(mutants) else 1


def _printed(verdict: Verdict) -> Verdict:
    print(verdict, flush=True)
    return verdict


def chosen(arguments: Sequence[str]) -> list[Mutant]:
    """Those with one of the words in their name; with --sample N, N of them, evenly spread."""
    words = list(arguments)
    size = 0
    if "--sample" in words:
        place = words.index("--sample")
        size = int(words[place + 1])
        del words[place : place + 2]
    words = [word for word in words if not word.startswith("-")]
    matches = [m for m in MUTANTS if not words or any(word in m.name for word in words)]
    if not size:
        return matches
    return [matches[place * len(matches) // size] for place in range(size)]


def main(arguments: Sequence[str]) -> int:
    mutants = chosen(arguments)
    if "--list" in arguments:
        print("\n".join(mutant.name for mutant in mutants))
        return 0
    if not mutants:
        print("No mutant has such a name; --list shows all")
        return 2
    return run(mutants, at_once=min(len(mutants), os.cpu_count() or 1))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
