"""`loresmith demo`, seen on a terminal and in a pipe, and left in the middle."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal
from tests.e2e.up_process import Up, environment, strays
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
        for pid in strays(folder):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def test_a_demo_shows_a_moving_bar_three_characters_and_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    began = time.monotonic()
    with demo(folder, "--seconds", "4") as terminal:
        assert terminal.ended() == 0
        seconds = time.monotonic() - began
        text = terminal.text

    assert len(percents(text)) > 5, "the bar moves"
    assert {20, 100} <= percents(text)
    assert "Generating characters..." in text
    assert "(estimated)" in text
    assert text.count("Backstory") == 3
    assert "not an LLM" in text
    assert re.search(r"curl http://127\.0\.0\.1:\d+/jobs/[0-9a-f-]{36}", text.replace("\n", ""))
    assert "Stopped." in text
    assert strays(folder) == []
    assert seconds < 40, "generous: the machine may be busy"


@pytest.mark.parametrize(
    "moment", ["Starting Redis", "Generating characters"], ids=["at the start", "in the call"]
)
def test_ctrl_c_leaves_no_process_and_no_job(tmp_path: Path, moment: str) -> None:
    folder = tmp_path / "data"
    with demo(folder, "--seconds", "30") as terminal:
        terminal.until(lambda text: moment in text, f"showing {moment!r}")
        terminal.press(CTRL_C)

        assert terminal.ended(timeout=20) == 130
        assert "Traceback" not in terminal.text

    assert strays(folder) == []
    assert_usable(folder)


def assert_usable(folder: Path) -> None:
    """The folder serves the next one, and no job of the demo goes on in it."""
    next_one = Up(folder)
    try:
        next_one.start()
        next_one.ready()
        counted = redis_count(next_one)
        assert counted == 0, f"{counted} jobs are unfinished"
    finally:
        next_one.clean_up()


def redis_count(up: Up) -> int:
    from redis import Redis

    from jobs import keys

    with Redis.from_url(up.notes["redis_url"]) as redis:
        return int(redis.zcard(keys.DUE))


def test_a_killed_demo_leaves_no_process(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with demo(folder, "--seconds", "30") as terminal:
        terminal.until(lambda text: "Generating" in text, "in the call")
        assert len(strays(folder)) == 7, "demo, up, and five parts"
        os.kill(terminal.pid, signal.SIGKILL)
        terminal.ended()

        wait_until(lambda: strays(folder) == [], "nobody lives on", timeout=20)


def test_a_demo_in_a_pipe_has_plain_lines(tmp_path: Path) -> None:
    command = [
        sys.executable, "-P", "-m", "loresmith", "demo", "--seconds", "1",
        "--type", "generate_relics", "--theme", "salt", "--data-dir", str(tmp_path / "data"),
    ]  # fmt: skip

    shown = subprocess.run(
        command, env=environment(), capture_output=True, text=True, timeout=60, check=True
    ).stdout

    assert "\x1b" not in shown
    assert "│" not in shown
    assert "20 %  Generating relics..." in shown
    assert shown.count("Whereabouts") == 3
    assert strays(tmp_path) == []


def test_a_demo_that_cannot_start_says_why(tmp_path: Path) -> None:
    env = environment()
    with Terminal("demo", "--data-dir", "/proc/nowhere", env=env, cwd=tmp_path) as terminal:
        assert terminal.ended() == 1
        assert "Choose another with --data-dir" in terminal.text.replace("\n", " ")
