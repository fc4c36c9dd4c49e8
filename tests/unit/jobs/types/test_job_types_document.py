"""docs/adding-a-job-type.md: its file and its test are taken at their word."""

import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import ValidationError

import loresmith.jobs.types.registry
from loresmith.jobs.types.base import JobType
from tests.unit.jobs.types.answers import answer
from tests.unit.jobs.types.conftest import Drop

DOCUMENT = Path(__file__).resolve().parents[4] / "docs" / "adding-a-job-type.md"
BLOCKS = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
SOURCE, TEST = (block for block in BLOCKS if block.startswith('"""generate_quests: '))


@pytest.fixture
def quests(drop: Drop) -> JobType[Any]:
    """The documented file as one more module in the folder of job types."""
    if "generate_quests" in loresmith.jobs.types.registry.JOB_TYPES:
        pytest.skip("somebody has added it for good")
    drop("generate_quests", SOURCE)
    return loresmith.jobs.types.registry.load_builtin()["generate_quests"]


def test_it_takes_the_request_of_the_first_guide(quests: JobType[Any]) -> None:
    payload = quests.payload.model_validate({"theme": "fantasy", "difficulty": "hard"})

    assert (payload.theme, payload.count, payload.difficulty) == ("fantasy", 3, "hard")
    assert quests.payload.model_validate(quests.example)
    with pytest.raises(ValidationError, match="difficulty"):
        quests.payload.model_validate({"theme": "fantasy", "difficulty": "absurd"})


def test_it_says_what_the_page_says_it_says(quests: JobType[Any]) -> None:
    assert (quests.message, quests.finalizing) == (
        "Generating quests...",
        "Finalizing quests...",
    )
    assert (quests.expected_s, quests.timeout_s) == (30, 90)
    assert f"{quests.specs[0].max_output_tokens(quests.payload(theme='x', count=1)) - 500:,}" in (
        DOCUMENT.read_text()
    )


def test_it_prompts_and_makes_as_many_quests_as_were_asked_for(quests: JobType[Any]) -> None:
    payload = quests.payload(theme="a drowned empire", count=4, difficulty="easy")
    spec = loresmith.jobs.types.registry.model_calls_of({"generate_quests": quests})[
        "generate_quests"
    ]

    created = spec.parse(payload, answer(spec, payload))

    assert "exactly 4 quests" in spec.prompt(payload).user
    assert "a drowned empire" in spec.prompt(payload).user
    assert len(created.quests) == 4


def test_its_test_passes(quests: JobType[Any]) -> None:
    module = ModuleType("test_generate_quests")
    exec(compile(TEST, "the test of the document", "exec"), vars(module))

    tests = [value for name, value in vars(module).items() if name.startswith("test_")]
    assert tests
    for test in tests:
        test()
