"""The AI call log: a line for each model call, with who, what and how much, and no text."""

import json
import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from loresmith.jobs.core.logs import get_logger
from loresmith.lore_service.calls.ai_call_log import LOGGER, AiCallLog, log_calls_to
from loresmith.lore_service.providers.errors import ProviderProblem
from tests.architecture.tree import ROOT
from tests.unit.lore_service.harness import CallHarness, call_request

pytestmark = pytest.mark.anyio


@pytest.fixture
def harness() -> CallHarness:
    return CallHarness()


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    logger = logging.getLogger(LOGGER)
    log_calls_to(tmp_path / "logs" / "ai.jsonl")
    yield tmp_path / "logs" / "ai.jsonl"
    for handler in logger.handlers:
        handler.close()
    logger.handlers, logger.propagate = [], True
    logger.setLevel(logging.NOTSET)


def sample() -> dict[str, object]:
    page = (ROOT / "docs" / "logging.md").read_text(encoding="utf-8")
    (line,) = [each for each in page.splitlines() if '"logger": "loresmith.ai_calls"' in each]
    fields: dict[str, object] = json.loads(line)
    return fields


async def test_a_call_is_a_line_like_the_sample(harness: CallHarness, file: Path) -> None:
    """Given a call / I expect the line that docs/logging.md shows, in a file of the owner."""
    await harness.generate()

    (line,) = file.read_text(encoding="utf-8").splitlines()
    fields, shown = json.loads(line), sample()
    assert list(fields) == list(shown)
    for varying in ("time", "seconds", "first_token_s", "fingerprint"):
        del fields[varying], shown[varying]
    assert fields == shown
    assert "fantasy" not in line
    assert 'smith"' not in line
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_a_failed_call_has_its_code_and_no_text(harness: CallHarness, file: Path) -> None:
    harness.provider.texts = [ProviderProblem("canary in a provider's text", status=400)]

    failure = await harness.failure()

    text = file.read_text(encoding="utf-8")
    assert json.loads(text)["code"] == failure.code
    assert "canary" not in text


async def test_a_line_needs_no_redis(harness: CallHarness, file: Path) -> None:
    harness.ledger.unavailable = True

    await harness.generate()

    assert "user" not in json.loads(file.read_text(encoding="utf-8"))


def test_fingerprints_compare_under_one_key_only() -> None:
    one = call_request().provider_request()
    other = call_request(input_json='{"theme": "sea", "count": 1}').provider_request()

    key = AiCallLog("k" * 32)
    assert key.fingerprint(one) == AiCallLog("k" * 32).fingerprint(one) != key.fingerprint(other)
    assert AiCallLog().fingerprint(one) != AiCallLog().fingerprint(one)
    assert key.fingerprint(one) not in one.fingerprint


def test_the_logger_is_named_in_the_page() -> None:
    assert get_logger(LOGGER)
    assert LOGGER in (ROOT / "docs" / "logging.md").read_text(encoding="utf-8")
