"""The log of every process: one line format, in UTC."""

import logging
import re
import subprocess
import sys

import pytest

from loresmith.jobs.core.logs import REQUEST_ID, UTCFormatter

LINE = re.compile(r"2023-11-14T22:13:20\.123Z INFO loresmith\.x: done")


def line(**more: object) -> str:
    record = logging.makeLogRecord(
        {"name": "loresmith.x", "levelname": "INFO", "msg": "done", "created": 1_700_000_000.123}
        | {"msecs": 123.0}
        | more
    )
    return UTCFormatter().format(record)


def test_a_line_has_utc_time_level_and_logger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")

    assert LINE.fullmatch(line())


def test_a_line_about_a_request_has_its_id() -> None:
    token = REQUEST_ID.set("abc-1")
    try:
        assert line().endswith(": done request_id=abc-1")
    finally:
        REQUEST_ID.reset(token)


def test_configuring_twice_logs_once(capfd: pytest.CaptureFixture[str]) -> None:
    """Given RQ's handlers of `rq worker`, and two calls / I expect one line in our format."""
    program = (
        "import logging; from rq.logutils import setup_loghandlers\n"
        "setup_loghandlers('INFO')\n"
        "from loresmith.jobs.core.logs import configure_logging\n"
        "configure_logging(); configure_logging('WARNING'); configure_logging('INFO')\n"
        "logging.getLogger('rq.worker').info('one')\n"
        "logging.getLogger('loresmith.worker').info('two')\n"
        "logging.getLogger('alembic').info('none')\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    out, err = capfd.readouterr()

    assert out == ""
    assert [each.partition("Z ")[2] for each in err.splitlines()] == [
        "INFO rq.worker: one",
        "INFO loresmith.worker: two",
    ]
