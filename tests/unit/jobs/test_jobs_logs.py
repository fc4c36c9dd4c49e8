"""The log of every process: one format, in UTC, and nothing in it that a client wrote."""

import json
import logging
import subprocess
import sys
from typing import Any, cast

import pytest

from loresmith.jobs.core.logs import ATTEMPT, JOB_ID, REQUEST_ID, get_logger, own_text, safe
from loresmith.jobs.core.logs.formatter import SafeFormatter
from loresmith.jobs.core.logs.structured_logger import LogMessage

CANARY = "canary secret"


def line(msg: object, *arguments: object, log_format: str = "text", **more: object) -> str:
    record = logging.makeLogRecord(
        {"name": "loresmith.x", "levelname": "INFO", "msg": msg, "created": 1_700_000_000.123}
        | {"msecs": 123.0, "args": arguments}
        | more
    )
    return SafeFormatter("api", log_format).format(record)


def test_a_line_has_utc_time_level_and_logger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")

    assert line(LogMessage("done", {}, [])) == "2023-11-14T22:13:20.123Z INFO loresmith.x: done"


def test_a_json_line_has_the_ids_that_are_known() -> None:
    tokens = [(REQUEST_ID, REQUEST_ID.set("abc-1")), (JOB_ID, JOB_ID.set("j"))]
    attempt = ATTEMPT.set(2)
    try:
        text = line(LogMessage("done", {"count": 3, "job_id": "other"}, []), log_format="json")
    finally:
        for variable, token in tokens:
            variable.reset(token)
        ATTEMPT.reset(attempt)

    assert json.loads(text) == {
        "time": "2023-11-14T22:13:20.123Z", "level": "INFO", "part": "api",
        "logger": "loresmith.x", "message": "done", "count": 3, "job_id": "other",
        "attempt": 2, "request_id": "abc-1",
    }  # fmt: skip


def test_unlisted_fields_and_texts_do_not_pass(caplog: pytest.LogCaptureFixture) -> None:
    fields = cast(Any, {"prompt": CANARY, "model": CANARY, "error": CANARY, "count": 1})

    get_logger("loresmith.x").warning("done", **fields)

    assert caplog.messages == ["done model=… error=… count=1"]


def test_a_bug_is_its_class_and_its_frames() -> None:
    """Given an error with content that causes another / I expect classes, files and lines."""
    message = None
    try:
        try:
            raise KeyError(CANARY)
        except KeyError as error:
            raise RuntimeError(CANARY) from error
    except RuntimeError as error:
        text = line("x", exc_info=(RuntimeError, error, error.__traceback__))
        message = safe(error)

    assert message == "RuntimeError < KeyError"
    assert "test_jobs_logs.py:" in text
    assert "canary" not in text


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (OSError(98, CANARY), "Address already in use"),
        (ValueError("There exists an active worker named 'anna' already"), "worker named 'anna'"),
        (ValueError(f"There exists an active worker named '{CANARY}' already"), "ValueError"),
        (ValueError(CANARY), "ValueError"),
    ],
)
def test_known_faults_stay_readable(error: Exception, text: str) -> None:
    assert text in safe(error)
    assert "canary" not in safe(error)


@pytest.mark.parametrize(
    ("logger", "msg", "arguments", "shown"),
    [
        ("rq.worker", "*** Listening on %s...", ("\x1b[32mlore, other\x1b[0m",), "lore,other"),
        ("rq.worker", "%s: %s", (CANARY, CANARY), "not shown"),
        ("rq.worker", f"job {CANARY}", (), "not shown"),
        ("asyncio", f"Task exception was never retrieved\nfuture: {CANARY}", (), "Task exception"),
        ("uvicorn.error", ValueError(CANARY), (), "error=ValueError"),
        (
            "uvicorn.error", OSError(98, "x: address already in use"), (),
            'an error error="OSError: address already in use"',
        ),
        ("uvicorn.error", "Started server process [%d]", (7,), "process [7]"),
        ("py.warnings", "%s", (f"a/b.py:7: UserWarning: {CANARY}\n  x\n",), "UserWarning"),
        ("grpc._server", "Exception calling application: %s", (CANARY,), "not shown"),
        (
            "uvicorn.access", '%s - "%s %s HTTP/%s" %d',
            ("127.0.0.1:5", "GET", f"/jobs/{CANARY}?q={CANARY}", "1.1", 200), "route=/jobs/…",
        ),
    ],
)  # fmt: skip
def test_records_of_other_packages_are_filtered(
    logger: str, msg: object, arguments: tuple[object, ...], shown: str
) -> None:
    text = line(msg, *arguments, name=logger)

    assert shown in text
    assert "canary" not in text


def test_configuring_twice_logs_once(capfd: pytest.CaptureFixture[str]) -> None:
    """Given RQ's handlers of `rq worker`, and two calls / I expect one line in our format; and
    uncaught exceptions without their text.
    """
    program = (
        "import logging, threading; from rq.logutils import setup_loghandlers\n"
        "setup_loghandlers('INFO')\n"
        "from loresmith.jobs.core.logs import configure_logging, get_logger\n"
        "configure_logging('worker'); configure_logging('worker', 'INFO')\n"
        "logging.getLogger('rq.worker').info('Worker %s: done, quitting', 'w')\n"
        "get_logger('loresmith.worker').info('two')\n"
        "logging.getLogger('alembic').info('none')\n"
        "thread = threading.Thread(target=lambda: {}['canary']); thread.start(); thread.join()\n"
        "raise RuntimeError('canary')\n"
    )
    subprocess.run([sys.executable, "-c", program], check=False)
    out, err = capfd.readouterr()

    assert out == ""
    lines = [each.partition("Z ")[2] for each in err.splitlines() if not each.startswith(" ")]
    assert lines == [
        "INFO rq.worker: Worker w: done, quitting",
        "INFO loresmith.worker: two",
        "ERROR loresmith.uncaught: uncaught exception in a thread error=KeyError",
        "ERROR loresmith.uncaught: uncaught exception error=RuntimeError",
    ]
    assert "canary" not in err


def test_a_text_of_ours_is_one_line() -> None:
    assert own_text("a\n  b") == "a b"
