"""Job types that are not in the package, with real processes."""

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from tests.e2e.up_process import UpProcess, environment
from tests.e2e.user_job_type import PAGE, TWO_STEPS, block, blocks, installed
from tests.stack import ROOT, Stack, request
from tests.unit.jobs.safe_http.local_server import reply, serving
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

HTML = b"<html><script>no()</script><h1>Salt &amp; tides</h1><p>Two words.</p></html>"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the file of the page, and one more."""
    types = tmp_path_factory.mktemp("user") / "my_types"
    types.mkdir()
    (types / "summarize_page.py").write_text(block("summarize_page"))
    (types / "two_steps.py").write_text(TWO_STEPS)
    (types / "_helper.py").write_text("")
    return types


@pytest.fixture(scope="module")
def up(folder: Path) -> Iterator[UpProcess]:
    """`loresmith up` with that folder, and with the package of the page."""
    env = {
        "PYTHONPATH": f"{ROOT}{os.pathsep}{installed(folder.parent)}",
        "LORESMITH_HTTP_ALLOW": "127.0.0.1",
        "LORESMITH_LEASE_S": "3",
        "LORESMITH_RECONCILE_INTERVAL_S": "0.5",
        "LORESMITH_REQUEUE_AFTER_S": "1",
        "LORESMITH_CACHE_TTL_S": "0",
    }
    up = UpProcess(folder.parent / "data", env=env)
    command, _ = shlex.split(blocks("bash")[0], comments=True)[2:4]
    assert command == "--job-types", "the page starts it this way"
    try:
        up.start("--job-types", str(folder))
        yield up.ready()
    finally:
        up.clean_up()


def post(up: UpProcess, type: str, **payload: Any) -> dict[str, Any]:
    status, job = request("POST", f"{up.url}/jobs", {"type": type, "payload": payload})
    assert status == 202, job
    return dict(job)


def log_of(up: UpProcess, part: str) -> str:
    return (up.folder / "logs" / f"{part}.log").read_text()


def test_all_parts_log_the_same_fingerprint(up: UpProcess) -> None:
    lines = [
        re.findall(r"job types count=(\d+) fingerprint=(\w+) type=(\S+)", log_of(up, part))[-1]
        for part in ("api", "worker", "lore_service")
    ]

    assert lines[0] == lines[1] == lines[2]
    assert lines[0][2] == "count_words,summarize_page,two_steps"
    checks = request("GET", f"{up.url}/system")[1]["checks"]
    assert checks["job_types"] == {
        "ok": True,
        "detail": f"{lines[0][0]} types, fingerprint {lines[0][1]}",
    }


def test_the_type_of_the_page_fetches_summarizes_and_saves(up: UpProcess) -> None:
    """Given the page's file in a folder / when its command is run against a server of this test
    / I expect the summary, and the saved result among those of its kind.
    """
    with serving(lambda handler: reply(handler, HTML)) as port:
        url = f"http://127.0.0.1:{port}/"
        _, line = blocks("bash")[0].strip().splitlines()
        words = shlex.split(line.replace("https://example.org/", url))
        ran = subprocess.run(
            [sys.executable, "-P", "-m", *words, "--url", up.url],
            env=environment(), capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    assert ran.returncode == 0, ran.stderr
    assert "Reading the page..." in ran.stderr or "Summarizing..." in ran.stderr
    (saved,) = request("GET", f"{up.url}/worlds?kind=summarize_page")[1]["worlds"]
    content = request("GET", f"{up.url}/worlds/{saved['id']}")[1]["content"]
    assert (saved["title"], content["words"]) == (url, 5)
    assert content["summary"]
    assert f"page read status=200 bytes={len(HTML)} job_id={saved['id']}" in log_of(up, "worker")


def test_a_page_on_a_private_address_fails_the_job_and_says_why(up: UpProcess) -> None:
    job = post(up, "summarize_page", url="http://169.254.169.254/latest/meta-data")

    failed = up.until_job(job["id"], "failed")

    assert failed["error_detail"]["code"] == "http_failed"
    assert "not a public address" in failed["error"]
    assert failed["attempt"] == 1


def test_a_type_without_a_model_call_from_an_installed_package(up: UpProcess) -> None:
    """I expect it estimated at nothing, run, and charged nothing."""
    body = {"type": "count_words", "payload": {"text": "a B a"}}
    status, estimate = request("POST", f"{up.url}/jobs/estimate", body)
    assert status == 200
    assert estimate["estimate"]["cost"] == {"expected": 0, "max": 0, "currency": "USD"}
    assert estimate["estimate"]["steps"] == []

    job = up.until_job(post(up, **body["payload"], type="count_words")["id"], "completed")

    assert request("GET", f"{up.url}/jobs/{job['id']}/result")[1] == {"a": 2, "b": 1}
    assert job["progress"] == 100
    assert job["cost"]["actual"] in (0, None), job["cost"]
    assert request("GET", f"{up.url}/jobs/{job['id']}/calls")[1]["calls"] == []
    with Redis.from_url((up.folder / "redis-url").read_text(), decode_responses=True) as redis:
        assert not redis.hget(f"job:{job['id']}", "pool"), "no provider's pool keeps it waiting"


def test_a_payload_that_does_not_fit_is_a_problem_of_its_field(up: UpProcess) -> None:
    for payload in ({}, {"text": 3}, {"text": "a", "more": 1}, {"text": "a\x00"}):
        status, problem = request(
            "POST", f"{up.url}/jobs", {"type": "count_words", "payload": payload}
        )
        assert status == 400, payload
        assert problem["errors"][0]["pointer"].startswith("/payload")


def test_a_killed_worker_runs_no_finished_step_again(up: UpProcess, tmp_path: Path) -> None:
    """Given a job between its two steps of plain code / when its worker is killed -9
    / I expect the first function called once, the job completed by the next worker, and its
    progress never lower.
    """
    job_id = post(up, "two_steps", folder=str(tmp_path))["id"]
    wait_until((tmp_path / "second").exists, "the second step runs", timeout=20)
    wait_until(lambda: "half of it" in up.job(job_id)["message"], "its message is shown")
    before = up.job(job_id)["progress"]
    victim = up.pid("worker")

    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: up.pid("worker") != victim, "the worker is restarted", timeout=20)
    wait_until(
        lambda: (tmp_path / "second").read_text().count("ran") == 2, "it runs again", timeout=30
    )
    assert up.job(job_id)["progress"] >= before
    (tmp_path / "go").touch()
    job = up.until_job(job_id, "completed")

    assert (tmp_path / "first").read_text().count("ran") == 1
    result = request("GET", f"{up.url}/jobs/{job_id}/result")[1]
    assert result["pair"] == ["a", 1]
    assert result["text"]
    assert job["attempt"] == 2
    assert len(request("GET", f"{up.url}/jobs/{job_id}/calls")[1]["calls"]) == 1
    assert f"second step folder={tmp_path.name} job_id={job_id}" in log_of(up, "worker")


def test_a_cancelled_job_leaves_a_function_that_waits(up: UpProcess, tmp_path: Path) -> None:
    job_id = post(up, "two_steps", folder=str(tmp_path))["id"]
    wait_until((tmp_path / "second").exists, "the second step runs", timeout=20)

    status, _ = request("POST", f"{up.url}/jobs/{job_id}/cancel?mode=now")

    assert status in (200, 202)
    assert up.until_job(job_id, "cancelled")["partial_result"]["steps"]["first"]


def test_a_job_waits_until_worker_and_lore_service_know_its_type(tmp_path: Path) -> None:
    """Given an api with a type that the worker lacks, and another version in the lore_service
    / I expect its job to wait and the readiness to name both, and the job completed after
    a restart of each with the right types.
    """
    types, other = tmp_path / "types", tmp_path / "other"
    for place, prompt in ((types, "Write"), (other, "Tell me")):
        place.mkdir()
        (place / "quests.py").write_text(block("generate_quests").replace("Write exactly", prompt))
    stack = Stack(tmp_path / "data", env={"LORESMITH_JOB_TYPES": str(types)})
    try:
        start(stack, worker="", lore=str(other))
        job_id = stack.submit("generate_quests")
        wait_until(lambda: stack.job(job_id)["phase"] == "waiting_version", "it waits", timeout=20)

        def differences() -> list[str]:
            check = stack.get("/system")[1]["checks"]["job_types"]
            return [] if check["ok"] else check["detail"].split("; ")[1:]

        wait_until(lambda: len(differences()) == 2, "both parts are named", timeout=20)
        lore_service, worker = differences()
        assert re.fullmatch(r"lore_service \S+ has another generate_quests", lore_service)
        assert re.fullmatch(r"worker \S+ lacks generate_quests", worker)
        assert stack.get("/readyz")[1]["status"] == "ready"
        assert "generate_quests" in stack.get("/readyz")[1]["checks"]["job_types"]["detail"]

        restart(stack, "worker")
        wait_until(
            lambda: "worker" not in stack.get("/system")[1]["checks"]["job_types"]["detail"],
            "the worker agrees", timeout=20,
        )  # fmt: skip
        assert stack.job(job_id)["status"] not in ("failed", "completed")
        restart(stack, "lore")

        assert stack.wait_for(job_id)["status"] == "completed"
        wait_until(lambda: stack.get("/system")[1]["status"] == "ok", "all agree", timeout=20)
    finally:
        stack.stop()


def start(stack: Stack, **job_types: str) -> None:
    """Starts the stack with other job types in some parts."""
    stack.redis_server.start()
    for name, part in stack.parts.items():
        part.start(**({"LORESMITH_JOB_TYPES": job_types[name]} if name in job_types else {}))
    for part in stack.parts.values():
        part.wait()


def restart(stack: Stack, name: str) -> None:
    """Restarts a process with the job types of the others."""
    stack[name].stop()
    stack[name].start()
    stack[name].wait()


def test_the_page_names_its_phase_and_its_setting() -> None:
    for word in ("`waiting_version`", "`LORESMITH_JOB_TYPES`", "`LORESMITH_HTTP_ALLOW`"):
        assert word in PAGE


def test_an_up_whose_job_types_do_not_load_says_why(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("import no_such_thing\n")
    up = UpProcess(tmp_path / "data")
    try:
        up.start("--job-types", str(tmp_path / "broken.py"))
        assert up.ended() == 1
    finally:
        up.clean_up()

    assert f"{tmp_path}/broken.py, line 1: ModuleNotFoundError" in up.output
    assert "Traceback" not in up.output
