"""Every answer of the corpus, through the openai SDK over a real socket, gets its right outcome."""

from collections import Counter
from time import monotonic
from typing import Any

import pytest

from loresmith.lore_service.providers.usage import ProviderUsage
from tests.conftest import examples
from tests.providers.answer import Answer
from tests.providers.corpus import ANSWERS, ENDS, SHAPES, SURROGATES
from tests.providers.server import Outcome, outcome_of, playing

pytestmark = [pytest.mark.integration, pytest.mark.anyio]

MAX_SECONDS = 5.0
"""A kept-open connection would take the read timeout of 5 s or more."""
CUT = [SHAPES[0], ENDS[0], SURROGATES[2]]
"""Answers that are cut at every byte."""


def check(answer: Answer, outcome: Outcome) -> None:
    failure, fields = outcome.failure, outcome.fields
    message = failure.message if failure else ""
    assert (outcome.state, failure.code if failure else "") == (answer.state, answer.code), message
    assert answer.says in message
    assert outcome.requests == answer.requests
    if answer.text is not None:
        assert fields.get("text", "") == answer.text
    used = ProviderUsage.of_row(fields)
    assert (used and (used.input_tokens, used.output_tokens)) == answer.usage
    assert fields.get("repaired", "") == answer.repaired
    if answer.retryable is not None:
        assert failure
        assert failure.retryable is answer.retryable
    for value in (message, *fields.values()):
        value.encode()  # half a surrogate pair would fail
        assert "sk-hostile" not in value


@pytest.mark.parametrize("answer", ANSWERS, ids=repr)
async def test_an_answer(answer: Answer) -> None:
    started = monotonic()

    outcome = await outcome_of(answer)

    check(answer, outcome)
    assert monotonic() - started < MAX_SECONDS


@pytest.mark.parametrize("answer", CUT, ids=repr)
async def test_an_answer_cut_at_every_byte(answer: Answer) -> None:
    async with playing(answer) as (server, provider):
        for server.cut in range(1, len(answer.body), 4 // examples(4)):  # each one in CI
            check(answer, await server.outcome(provider))


def test_the_names_are_unique() -> None:
    counted: Any = Counter(answer.name for answer in ANSWERS)

    assert [name for name, count in counted.items() if count > 1] == []
