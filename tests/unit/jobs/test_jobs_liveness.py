"""The file by which a probe knows that a process works."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from loresmith.jobs.core.liveness import MAX_AGE_S, LivenessFile, fault

HOLDER = """
import sys
from pathlib import Path
from loresmith.jobs.core.liveness import LivenessFile
file = LivenessFile(Path(sys.argv[1]), "worker")
file.touch()
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> "subprocess.Popen[str]":
    """Another process that holds a file, until it is killed."""
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    yield process
    process.kill()
    process.communicate()


def test_a_process_that_works_has_no_fault(tmp_path: Path, holder: "subprocess.Popen[str]") -> None:
    assert fault(tmp_path, "worker") == ""
    assert (
        fault(tmp_path, "lore_service") == f"no lore_service runs with the data folder {tmp_path}"
    )


def test_a_process_that_hangs_is_named(tmp_path: Path, holder: "subprocess.Popen[str]") -> None:
    later = time.time() + MAX_AGE_S + 1

    assert f"worker (process {holder.pid}) has not worked for" in fault(tmp_path, "worker", later)


def test_a_killed_process_does_not_run(tmp_path: Path, holder: "subprocess.Popen[str]") -> None:
    """Given a process that is killed / I expect it gone, and its file removed."""
    holder.kill()
    holder.wait()

    assert fault(tmp_path, "worker").startswith("no worker runs")
    assert list(tmp_path.iterdir()) == []


def test_a_new_process_removes_what_a_killed_one_has_left(
    tmp_path: Path, holder: "subprocess.Popen[str]"
) -> None:
    LivenessFile(tmp_path, "worker").close()
    assert [path.name for path in tmp_path.iterdir()] == [f"worker.{holder.pid}.alive"]
    holder.kill()
    holder.wait()

    liveness = LivenessFile(tmp_path, "worker")
    (own,) = tmp_path.iterdir()
    assert own.name == f"worker.{os.getpid()}.alive"
    liveness.close()


def test_a_folder_that_cannot_be_written_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()

    liveness = LivenessFile(tmp_path / "file", "worker")
    liveness.touch()
    liveness.close()

    assert "`loresmith probe` will not work process=worker" in caplog.text
