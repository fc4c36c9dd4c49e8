"""Takes one rule away at a time, in a copy of the tree, and expects a test to fail.

    python -m tests.mutants               all of them
    python -m tests.mutants settle fence  those with one of these words in their name
    python -m tests.mutants --sample 60   60 of them, evenly spread
    python -m tests.mutants --since main  those of files that have changed since a commit
    python -m tests.mutants --list        only their names

Prints a line for each, with its number; exits with 1 when a mutant survives.
"""

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
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

    def __call__(self, mutant: Mutant, deadline: float = math.inf) -> Verdict | None:
        """Returns None after the deadline, a time of the monotonic clock."""
        if time.monotonic() > deadline:
            return None
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


def run(mutants: Sequence[Mutant], at_once: int, minutes: float = math.inf) -> int:
    """Judges all that the minutes suffice for and prints the table; the exit status."""
    deadline = time.monotonic() + 60 * minutes
    progress = Progress(len(mutants))
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder, ExitStack() as stack:
        trees: SimpleQueue[Tree] = SimpleQueue()
        for number in range(at_once):
            trees.put(stack.enter_context(closing(Tree(Path(folder) / str(number)))))
        judge = Judge(trees)
        with ThreadPoolExecutor(at_once) as pool:
            judged = pool.map(lambda mutant: judge(mutant, deadline), mutants)
            verdicts = [progress.printed(verdict) for verdict in judged if verdict]
    survivors = [verdict for verdict in verdicts if not verdict.is_killed]
    if survivors:
        print("\nNot killed:", *survivors, sep="\n")
    skipped = len(mutants) - len(verdicts)
    print(f"{len(verdicts) - len(survivors)} of {len(verdicts)} mutants killed", end="")
    print(f", {skipped} not tried: the time was over" if skipped else "")
    return 1 if survivors else 0


class Progress:
    """Prints each verdict with its number and the time that is left."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._began = time.monotonic()

    def printed(self, verdict: Verdict) -> Verdict:
        self._done += 1
        took_s = time.monotonic() - self._began
        left_s = took_s / self._done * (self._total - self._done)
        print(f"{self._done:>3}/{self._total} {left_s:4.0f} s left  {verdict}", flush=True)
        return verdict


def chosen(
    words: Sequence[str], sample: int = 0, files: Collection[str] | None = None
) -> list[Mutant]:
    """Those with one of the words in their name, of these files; a sample is evenly spread."""
    matches = [m for m in MUTANTS if not words or any(word in m.name for word in words)]
    if files is not None:
        matches = [m for m in matches if m.file in files]
    if not sample:
        return matches
    return [matches[place * len(matches) // sample] for place in range(sample)]


def changed_since(commit: str) -> list[str]:
    """The files that differ from a commit. Raises CalledProcessError."""
    command = ["git", "diff", "--name-only", commit]
    return subprocess.run(
        command, cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()


def parser() -> argparse.ArgumentParser:
    purpose, _, rest = str(__doc__).partition("\n\n")
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutants",
        description=purpose,
        epilog=rest,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("words", nargs="*", metavar="WORD", help="part of a name: file or rule")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="N, evenly spread")
    parser.add_argument("--since", metavar="COMMIT", help="of files that differ from a commit")
    parser.add_argument(
        "--minutes", type=float, default=math.inf, help="start no more after this time"
    )
    parser.add_argument("--list", action="store_true", help="only print their names")
    return parser


def main(arguments: Sequence[str]) -> int:
    options = parser().parse_args(arguments)
    files = changed_since(options.since) if options.since else None
    mutants = chosen(options.words, options.sample, files)
    if options.list:
        print("\n".join(mutant.name for mutant in mutants))
        return 0
    if not mutants:
        print("No mutant has such a name; --list shows all")
        return 2
    return run(mutants, min(len(mutants), os.cpu_count() or 1), options.minutes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
