"""The folder is the list of job types: what is in it, and what it refuses at start-up."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

import loresmith.jobs.types.registry
from loresmith.jobs.types.base import JobType, Step, list_generation
from loresmith.jobs.types.builtin import generate_relics
from loresmith.jobs.types.chat import CHAT
from loresmith.jobs.types.registry import JOB_TYPES, MODEL_CALLS, RegistryError
from tests.unit.jobs.types.answers import answer
from tests.unit.jobs.types.conftest import Drop

LORE = ("characters", "factions", "settings", "events", "relics")


@pytest.fixture(params=JOB_TYPES.values(), ids=list(JOB_TYPES))
def kind(request: pytest.FixtureRequest) -> JobType[Any]:
    matches: JobType[Any] = request.param
    return matches


def test_the_six_job_types_are_there() -> None:
    assert {f"generate_{noun}" for noun in LORE} | {"create_world"} <= set(JOB_TYPES)


@pytest.mark.parametrize("noun", LORE)
def test_a_generation_takes_half_a_minute_and_says_what_it_does(noun: str) -> None:
    kind = JOB_TYPES[f"generate_{noun}"]

    assert (kind.expected_s, kind.timeout_s) == (30, 90)
    assert (kind.message, kind.finalizing) == (f"Generating {noun}...", f"Finalizing {noun}...")


def test_a_world_takes_as_long_as_its_calls_and_names_each_step() -> None:
    kind = JOB_TYPES["create_world"]
    calls = [JOB_TYPES[f"generate_{noun}"].expected_s for noun in LORE]

    assert kind.expected_s == sum(calls) + 30 + 30
    assert kind.timeout_s > kind.expected_s
    messages = [step.message for step in kind.steps]
    assert messages[0] == "Outlining the world..."
    assert {f"Generating {noun}..." for noun in LORE} == set(messages[1:-1])
    assert messages[-1] == "Writing the story..."


def test_a_kind_is_named_after_its_file_and_shows_a_payload_that_works(kind: JobType[Any]) -> None:
    assert f"loresmith.jobs.types.builtin.{kind.name}" in sys.modules
    assert kind.title
    assert kind.description.endswith(".")
    assert kind.example
    kind.payload.model_validate(kind.example)


def test_specs_bear_the_name_of_the_kind_that_brings_them(kind: JobType[Any]) -> None:
    for spec in kind.specs:
        assert spec is CHAT or spec.name.split(".")[0] == kind.name
        assert MODEL_CALLS[spec.name] is spec


class Answering:
    """A context whose model answers at once, and which remembers by step what it was asked."""

    job_id = "a-job"

    def __init__(self) -> None:
        self.steps: list[str] = []

    def call(self, step: str, spec: Any, input: Any) -> Any:
        self.steps.append(step)
        if spec is CHAT:
            return spec.sample("It rains.")
        return spec.parse(input, answer(spec, input))

    def save_world(self, **world: Any) -> str:
        return self.job_id


def test_a_run_takes_its_steps_in_order_and_its_result_fits_its_schema(kind: JobType[Any]) -> None:
    """Given a run / I expect the steps the bar was split by, and what GET /job-types promises."""
    context = Answering()

    result = kind.run(kind.payload.model_validate(kind.example), context)

    assert context.steps == [step.name for step in kind.steps]
    shape = TypeAdapter(kind.result)
    assert shape.dump_python(shape.validate_python(result), mode="json") == result
    is_list = kind.name.startswith("generate_")
    assert kind.result_schema()["type"] == ("array" if is_list else "object")


def test_a_generation_results_in_the_list_itself() -> None:
    kind = JOB_TYPES["generate_relics"]

    result = kind.run(kind.payload(theme="tides", count=4), Answering())

    assert [sorted(relic) for relic in result] == [sorted(generate_relics.Relic.model_fields)] * 4


def test_a_file_dropped_into_the_folder_is_a_job_type(drop: Drop) -> None:
    source = Path(generate_relics.__file__).read_text()
    drop("generate_bells", source.replace("generate_relics", "generate_bells"))

    assert set(loresmith.jobs.types.registry.load_builtin()) == {*JOB_TYPES, "generate_bells"}


def test_a_file_with_an_underscore_is_not_one(drop: Drop) -> None:
    drop("_helpers", "")

    assert loresmith.jobs.types.registry.load_builtin() == JOB_TYPES


def test_a_file_without_a_kind_stops_the_start(drop: Drop) -> None:
    drop("generate_nothing", "JOB_TYPE = 'generate_nothing'")

    with pytest.raises(
        RegistryError, match=r"jobs/types/builtin/generate_nothing\.py declares no JOB_TYPE"
    ):
        loresmith.jobs.types.registry.load_builtin()


def test_a_name_that_is_taken_stops_the_start(drop: Drop) -> None:
    """Given a file copied, its JOB_TYPE not renamed / I expect the file and the remedy to be
    named.
    """
    drop("zz_relics", Path(generate_relics.__file__).read_text())

    with pytest.raises(
        RegistryError, match=r"zz_relics\.py: its JOB_TYPE is named 'generate_relics'"
    ):
        loresmith.jobs.types.registry.load_builtin()


def test_a_spec_whose_name_is_taken_stops_the_start() -> None:
    relics = JOB_TYPES["generate_relics"]
    twice = {"one": relics, "two": replace(relics, specs=(replace(relics.specs[0]),))}

    with pytest.raises(RegistryError, match="two specs are named 'generate_relics'"):
        loresmith.jobs.types.registry.model_calls_of(twice)


def test_an_example_that_does_not_work_stops_the_start() -> None:
    with pytest.raises(ValueError, match="theme"):
        list_generation(
            name="generate_bells",
            noun="bells",
            description="Bells.",
            payload=generate_relics.RelicsPayload,
            output=generate_relics.RelicsResult,
            items="relics",
            prompt=generate_relics.prompt,
            example={"count": 3},
        )


@pytest.mark.parametrize(
    "steps", [(), (Step("a", "A...", 1), Step("a", "B...", 1))], ids=["none", "two of a name"]
)
def test_a_kind_needs_steps_that_can_be_told_apart(steps: tuple[Step, ...]) -> None:
    """A checkpoint is found by its step's name: two of a name would share one output."""
    with pytest.raises(ValueError, match="steps, each with a name of its own"):
        JobType(
            "bad",
            "Bad",
            "Bad.",
            generate_relics.RelicsPayload,
            str,
            steps,
            "...",
            (),
            lambda *_: None,
        )
