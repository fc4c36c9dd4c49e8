"""`loresmith demo` on a terminal and in a pipe, interrupted and killed."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal
from tests.e2e.up_process import UpProcess, environment, processes_of
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

CTRL_C = b"\x03"
PERCENT = re.compile(r"(\d+) %")


def percents(text: str) -> set[int]:
    return {int(number) for number in PERCENT.findall(text)}


@contextmanager
def demo(folder: Path, *options: str) -> Iterator[Terminal]:
    words = ("demo", "--data-dir", str(folder), *options)
    env = environment(OPENAI_API_KEY="must not be used", REDIS_URL="redis://127.0.0.1:1")
    try:
        with Terminal(*words, env=env, cwd=folder.parent) as terminal:
            yield terminal
    finally:
        for pid in processes_of(folder):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def test_a_demo_shows_progress_and_three_characters_and_leaves_no_process(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with demo(folder, "--seconds", "4") as terminal:
        assert terminal.ended() == 0
        text = terminal.text

    assert len(percents(text)) > 5, "the bar moves"
    assert {20, 100} <= percents(text)
    assert "Generating characters..." in text
    assert "(estimated)" in text
    assert text.count("Backstory") == 3
    assert "not an LLM" in text
    assert re.search(r"loresmith show [0-9a-f-]{36}", text.replace("\n", ""))
    assert "curl" not in text, "a server that stops cannot be asked"
    assert "Stopped." in text
    assert processes_of(folder) == []


@pytest.mark.parametrize(
    "text", ["Starting Redis", "Generating characters"], ids=["at the start", "in the call"]
)
def test_ctrl_c_leaves_no_process_and_no_job(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "data"
    with demo(folder, "--seconds", "30") as terminal:
        terminal.until(lambda shown: text in shown, f"showing {text!r}")
        terminal.press(CTRL_C)

        assert terminal.ended(timeout=20) == 130
        assert "Traceback" not in terminal.text

    assert processes_of(folder) == []
    assert_usable(folder)


def assert_usable(folder: Path) -> None:
    """The next `up` starts on the folder, and no job of the demo runs in it."""
    up = UpProcess(folder)
    try:
        up.start()
        up.ready()
        assert unfinished_jobs(up) == 0
    finally:
        up.clean_up()


def unfinished_jobs(up: UpProcess) -> int:
    from redis import Redis

    from loresmith.jobs.store import keys

    with Redis.from_url((up.folder / "redis-url").read_text()) as redis:
        return int(redis.zcard(keys.DEADLINES))


def test_a_killed_demo_leaves_no_process(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with demo(folder, "--seconds", "6") as terminal:
        terminal.until(lambda text: "Generating" in text, "in the call")
        assert len(processes_of(folder)) == 7, "demo, up, and five processes"
        os.kill(terminal.pid, signal.SIGKILL)
        terminal.ended()

        wait_until(lambda: processes_of(folder) == [], "no process survives the call", timeout=60)


def test_a_demo_in_a_pipe_has_plain_lines(tmp_path: Path) -> None:
    command = [
        sys.executable, "-P", "-m", "loresmith", "demo", "--seconds", "1",
        "--type", "generate_relics", "--theme", "salt", "--data-dir", str(tmp_path / "data"),
    ]  # fmt: skip

    output = subprocess.run(
        command, env=environment(), capture_output=True, text=True, timeout=60, check=True
    ).stdout

    assert "\x1b" not in output
    assert "│" not in output
    assert "20 %  Generating relics..." in output
    assert output.count("Whereabouts") == 3
    assert processes_of(tmp_path) == []


def test_a_demo_that_cannot_start_names_the_remedy(tmp_path: Path) -> None:
    env = environment()
    with Terminal("demo", "--data-dir", "/proc/nowhere", env=env, cwd=tmp_path) as terminal:
        assert terminal.ended() == 1
        assert "Choose another with --data-dir" in terminal.text.replace("\n", " ")
