"""The word lists are sound, and lines are drawn as the head of words/common.txt promises."""

import random
from collections import Counter
from collections.abc import Mapping

import pytest

from lore_service.offline import grammar as module
from lore_service.offline.grammar import Line, Lines, Voice, grammar, polished

GIVEN = {
    *("theme", "theme_title", "theme_word", "tone", "names", "world"),
    *("subject", "name", "fellow", "other_fellow", "they", "them", "their", "theirs"),
    *("person_known", "faction_known", "place_known", "year", "short_year"),
    *("hero", "hero_given", "hero_they", "hero_them", "hero_their"),
    *("friend", "friend_given", "friend_they", "friend_them", "friend_their"),
    *("power", "prize", "town_of_story", "story_event"),
    *(f"asked_{wish}" for wish in ("role", "climate", "era", "origin", "scale", "premise")),
}
"""All that a request can give."""


def lists_of(text: str) -> Mapping[str, Lines]:
    lists = dict(module._read(text))
    needs = module._needs(lists)
    return {name: module._with_needs(lines, needs) for name, lines in lists.items()}


@pytest.fixture
def voice(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Voice:
    """A voice that knows only the lists of the test's parameter."""
    monkeypatch.setattr(module, "grammar", lambda: lists_of(request.param))
    return Voice(random.Random(7), {})


def lists(text: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("voice", [text], indirect=True)


def test_lists_ask_only_for_what_there_is() -> None:
    """Given a slot with a typing error / I expect its list and the name that nobody gives."""
    unknown = {name: lines.needs - GIVEN for name, lines in grammar().items()}

    assert {name: missing for name, missing in unknown.items() if missing} == {}
    assert all(lines.first or lines.rest for lines in grammar().values())


def test_no_sentence_stands_twice_in_a_list() -> None:
    """Given short words / I expect some twice, which makes them likelier; sentences never."""
    twice = [
        (name, line.parts)
        for name, lines in grammar().items()
        for line, times in Counter(lines.rest).items()
        if times > 1 and sum(isinstance(part, str) and len(part) > 20 for part in line.parts)
    ]

    assert twice == []


@lists("[greeting]\n{name}, hail\n\n[name]\nAnn\n")
def test_a_slot_is_filled_from_a_list_or_a_fact(voice: Voice) -> None:
    assert voice.say("greeting", {}) == "Ann, hail"
    assert voice.say("greeting", {"name": "Bo"}) == "Bo, hail"


@lists("[thing]\n{Colour} {colour}\n\n[colour*]\nred\nblue\n")
def test_a_steady_list_is_drawn_once_for_an_entity(voice: Voice) -> None:
    for _ in range(9):
        first, second = voice.say("thing", {}).split()
        assert first == second.capitalize()


@lists("[town~2]\n{a}{b}\n\n[a]\n1\n2\n3\n4\n\n[b]\n1\n2\n3\n4\n")
def test_a_list_of_few_gives_few(voice: Voice) -> None:
    assert len({voice.say("town", {}) for _ in range(40)}) == 2


@lists("[wish]\n!{asked}\nanything\n")
def test_a_line_that_comes_first(voice: Voice) -> None:
    """Given a wish of the request / I expect it, and something else only where it was said."""
    assert voice.say("wish", {}) == "anything"
    assert voice.say("wish", {"asked": "peace"}) == "peace"
    assert voice.say("wish", {"asked": "peace"}, unlike={"peace"}) == "anything"


@lists("[a]\n{b} never\nalways\n\n[b]\n{c}\n\n[c]\n{unknown}\n")
def test_a_line_that_cannot_be_said_is_passed_over(voice: Voice) -> None:
    assert {voice.say("a", {}) for _ in range(9)} == {"always"}
    with pytest.raises(LookupError, match="'b'"):
        voice.say("b", {})


@lists("[siege]\nthe Siege{sort=war}\n")
def test_a_line_that_makes_a_fact(voice: Voice) -> None:
    facts: dict[str, str] = {}

    assert voice.say("siege", facts) == "the Siege"
    assert facts == {"sort": "war"}


@lists("[digit]\n" + "\n".join("0123456789"))
def test_no_line_comes_again_before_others_have(voice: Voice) -> None:
    drawn = [voice.say("digit", {}) for _ in range(100)]

    assert sorted(drawn[:10]) == list("0123456789")
    assert all(len(set(drawn[at : at + 5])) == 5 for at in range(95))


@lists("[greeting]\nhail {person}\n\n[person]\nnobody\n")
def test_what_a_request_knows_comes_before_the_grammar(voice: Voice) -> None:
    known = {"person": Lines((), (Line(("{Ann}",)),))}

    assert Voice(random.Random(1), known).say("greeting", {}) == "hail {Ann}"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("a orchard. the end.", "An orchard. The end."),
        ("a unicorn and a one-eyed ox", "a unicorn and a one-eyed ox"),
        ("the monks's bell", "the monks' bell"),
        ("they left. “so be it.”", "They left. “So be it.”"),
        ("“who?” said Ann.", "“Who?” said Ann."),
    ],
)
def test_polish(raw: str, text: str) -> None:
    assert polished(raw) == text


def test_a_name_that_two_lists_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_read", lambda text: [("twin", Lines((), ()))])

    with pytest.raises(ValueError, match="the list 'twin' exists already"):
        grammar.__wrapped__()
