"""create_world: seven calls that know of each other, a world that is saved, and nothing twice."""

import json
from typing import Any

import pytest

from loresmith.jobs.core.errors import SinkFailed
from loresmith.jobs.types.builtin._lore import MAX_WORLD_LENGTH
from loresmith.jobs.types.registry import JOB_TYPES
from tests.unit.jobs.types.answers import answer

JOB_TYPE = JOB_TYPES["create_world"]
STEPS = ["outline", "settings", "factions", "characters", "relics", "events", "story"]
PARTS = STEPS[1:-1]


class Context:
    """A job's context: checkpoints that outlive a run, a model that answers, a archive for
    worlds.
    """

    job_id = "the-job"

    def __init__(self, filler: str = "") -> None:
        self.filler = filler
        self.checkpoints: dict[str, str] = {}
        self.asked: dict[str, Any] = {}
        self.prompts: dict[str, str] = {}
        self.saved: list[dict[str, Any]] = []
        self.archive_is_broken = False

    def call(self, step: str, spec: Any, input: Any) -> Any:
        if step not in self.checkpoints:
            self.asked[step] = (spec.name, input)
            self.prompts[step] = spec.prompt(input).user
            self.checkpoints[step] = answer(spec, input, self.filler)
        return spec.parse(input, self.checkpoints[step])

    def save_world(self, **world: Any) -> str:
        if self.archive_is_broken:
            raise SinkFailed
        self.saved.append(world)
        return self.job_id


def run(context: Context, **changes: Any) -> Any:
    payload = {"theme": "a drowned empire", "user_id": "mira", **changes}
    return JOB_TYPE.run(JOB_TYPE.payload.model_validate(payload), context)


def names(context: Context, part: str) -> list[str]:
    return [entity["name"] for entity in json.loads(context.checkpoints[part])[part]]


def test_it_asks_for_the_outline_then_each_sort_of_lore_then_the_story() -> None:
    context = Context()

    run(context)

    assert list(context.asked) == STEPS
    specs = [spec for spec, _ in context.asked.values()]
    assert specs == [
        "create_world.outline",
        *(f"generate_{part}" for part in PARTS),
        "create_world.story",
    ]


def test_each_sort_is_asked_for_in_its_own_number_with_theme_and_tone() -> None:
    expected = {"settings": 1, "factions": 2, "characters": 3, "relics": 4, "events": 5}
    context = Context()

    result = run(context, tone="wistful", **expected)

    assert {part: len(result[part]) for part in PARTS} == expected
    for part in PARTS:
        payload = context.asked[part][1]
        assert (payload.theme, payload.tone) == ("a drowned empire", "wistful")
        assert payload.count == expected[part]


def test_every_prompt_knows_the_outline_and_all_that_came_before_it() -> None:
    context = Context()

    run(context)

    outline = json.loads(context.checkpoints["outline"])
    for number, step in enumerate(STEPS[1:], start=1):
        assert outline["title"] in context.prompts[step]
        assert outline["conflict"] in context.prompts[step]
        for earlier in STEPS[1:number]:
            assert all(name in context.prompts[step] for name in names(context, earlier))


def test_what_is_fixed_from_the_start_reaches_every_prompt() -> None:
    """Given a premise / I expect that nothing has to be guessed back out of the outline."""
    context = Context()

    run(context, premise="The sea took the capital, and gives it back once a year.")

    assert all("gives it back once a year" in prompt for prompt in context.prompts.values())


def test_no_prompt_tells_whose_world_it_is() -> None:
    context = Context()

    run(context, user_id="someone@example.org")

    assert not any("someone@example.org" in prompt for prompt in context.prompts.values())


@pytest.mark.parametrize(
    ("letters", "reply"),
    [(10, ("name", "description", "secret")), (300, ("name", "description")), (1_500, ("name",))],
)
def test_a_long_world_is_told_in_brief_but_nobody_is_forgotten(
    letters: int, reply: tuple[str, ...]
) -> None:
    """Given longer and longer texts / I expect ever less of each entity, within the bound."""
    context = Context(filler=" " + "ø" * letters)

    run(context, **dict.fromkeys(PARTS, 5))

    text = context.asked["events"][1].world
    assert len(text) <= MAX_WORLD_LENGTH
    assert all(name in text for part in PARTS[:-1] for name in names(context, part))
    person = json.loads(text)["characters"][0]
    assert {field for field in ("name", "description", "secret") if field in person} == set(reply)


def test_a_world_that_is_too_long_even_in_brief_is_cut_rather_than_refused() -> None:
    """Given an outline that alone is over the bound / I expect the calls after it all the same."""
    context = Context(filler=" " + "ø" * 4_000)

    run(context)

    assert list(context.asked) == STEPS
    assert len(context.asked["events"][1].world) == MAX_WORLD_LENGTH


def test_the_story_is_told_everything_however_long() -> None:
    context = Context(filler=" " + "ø" * 1_500)

    run(context, **dict.fromkeys(PARTS, 5))

    whole = json.loads(context.asked["story"][1].world)
    for part in PARTS:
        assert whole[part] == json.loads(context.checkpoints[part])[part]


def test_the_result_is_the_world_with_the_id_it_was_saved_under() -> None:
    context = Context()

    result = run(context)

    outline = json.loads(context.checkpoints["outline"])
    assert result["world_id"] == "the-job"
    assert (result["title"], result["premise"]) == (outline["title"], outline["premise"])
    assert result["outline"] == outline
    assert result["story"] == json.loads(context.checkpoints["story"])
    (saved,) = context.saved
    assert saved["title"] == outline["title"]
    assert saved["theme"] == "a drowned empire"
    assert {"world_id": "the-job", **saved["world"]} == result


@pytest.mark.parametrize("done", range(len(STEPS) + 1))
def test_a_run_that_was_killed_goes_on_where_it_was(done: int) -> None:
    """Given the checkpoints of the first steps / I expect the others to be asked for, no more."""
    whole, again = Context(), Context()
    run(whole)
    again.checkpoints = {step: whole.checkpoints[step] for step in STEPS[:done]}

    result = run(again)

    assert list(again.asked) == STEPS[done:]
    assert result == {"world_id": "the-job", **whole.saved[0]["world"]}
    assert {step: whole.asked[step] for step in again.asked} == again.asked


def test_a_world_that_cannot_be_saved_is_saved_later_without_asking_again() -> None:
    context = Context()
    context.archive_is_broken = True
    with pytest.raises(SinkFailed):
        run(context)
    assert list(context.asked) == STEPS
    assert context.saved == []

    context.archive_is_broken = False
    context.asked.clear()
    result = run(context)

    assert context.asked == {}
    assert result == {"world_id": "the-job", **context.saved[0]["world"]}
