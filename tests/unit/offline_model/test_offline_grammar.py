"""The word lists are consistent, and templates are drawn as words/common.txt describes."""

import random
from collections import Counter

import pytest

from loresmith.offline_model.writer import grammar as grammar_module
from loresmith.offline_model.writer.grammar import (
    TemplateList,
    load_grammar,
    parse_lists,
    with_requirements,
)
from loresmith.offline_model.writer.text_generator import TextGenerator, polish

AVAILABLE_FACTS = {
    *("theme", "theme_title", "theme_word", "tone", "names", "world"),
    *("subject", "name", "fellow", "other_fellow", "they", "them", "their", "theirs"),
    *("person_known", "faction_known", "place_known", "year", "short_year"),
    *("hero", "hero_given", "hero_they", "hero_them", "hero_their"),
    *("friend", "friend_given", "friend_they", "friend_them", "friend_their"),
    *("power", "prize", "town_of_story", "story_event"),
    *(f"asked_{name}" for name in ("role", "climate", "era", "origin", "scale", "premise")),
}
"""Every fact that a request or an entity can have."""


def generator(text: str, **known: str) -> TextGenerator:
    """Returns a generator with the lists in `text`."""
    known_lists = {name: TemplateList.of_texts([value]) for name, value in known.items()}
    return TextGenerator(random.Random(7), with_requirements(dict(parse_lists(text))), known_lists)


def test_every_required_fact_exists() -> None:
    """Given a slot with a typing error / I expect its list and the unknown name."""
    unknown = {
        name: templates.required_facts - AVAILABLE_FACTS
        for name, templates in load_grammar().items()
    }

    assert {name: missing for name, missing in unknown.items() if missing} == {}
    assert all(templates.templates for templates in load_grammar().values())


def test_no_sentence_is_repeated_in_a_list() -> None:
    """Given a short word / I expect that it may be repeated, which makes it more likely."""
    repeated = [
        (name, template.parts)
        for name, templates in load_grammar().items()
        for template, times in Counter(templates.others).items()
        if times > 1 and sum(isinstance(part, str) and len(part) > 20 for part in template.parts)
    ]

    assert repeated == []


def test_a_slot_is_filled_from_a_list_or_a_fact() -> None:
    texts = generator("[greeting]\n{name}, hail\n\n[name]\nAnn\n")

    assert texts.generate("greeting", {}) == "Ann, hail"
    assert texts.generate("greeting", {"name": "Bo"}) == "Bo, hail"


def test_a_starred_list_is_drawn_once_per_entity() -> None:
    texts = generator("[thing]\n{Colour} {colour}\n\n[colour*]\nred\nblue\n")

    for _ in range(9):
        first, second = texts.generate("thing", {}).split()
        assert first == second.capitalize()


def test_a_list_with_a_limit_of_texts() -> None:
    texts = generator("[town~2]\n{a}{b}\n\n[a]\n1\n2\n3\n4\n\n[b]\n1\n2\n3\n4\n")

    assert len({texts.generate("town", {}) for _ in range(40)}) == 2


def test_a_preferred_template() -> None:
    """Given a preferred text / I expect another one only if it is to be avoided."""
    texts = generator("[wish]\n!{asked}\nanything\n")

    assert texts.generate("wish", {}) == "anything"
    assert texts.generate("wish", {"asked": "peace"}) == "peace"
    assert texts.generate("wish", {"asked": "peace"}, avoid={"peace"}) == "anything"


def test_a_template_that_requires_a_missing_fact_is_skipped() -> None:
    texts = generator("[a]\n{b} never\nalways\n\n[b]\n{c}\n\n[c]\n{unknown}\n")

    assert {texts.generate("a", {}) for _ in range(9)} == {"always"}
    with pytest.raises(LookupError, match="'b'"):
        texts.generate("b", {})


def test_a_template_that_sets_a_fact() -> None:
    texts = generator("[siege]\nthe Siege{sort=war}\n")
    facts: dict[str, str] = {}

    assert texts.generate("siege", facts) == "the Siege"
    assert facts == {"sort": "war"}


def test_templates_are_not_repeated_soon() -> None:
    texts = generator("[digit]\n" + "\n".join("0123456789"))
    drawn = [texts.generate("digit", {}) for _ in range(100)]

    assert sorted(drawn[:10]) == list("0123456789")
    assert all(len(set(drawn[at : at + 5])) == 5 for at in range(95))


def test_known_lists_replace_lists_of_the_grammar() -> None:
    texts = generator("[greeting]\nhail {person}\n\n[person]\na stranger\n", person="{Ann}")

    assert texts.generate("greeting", {}) == "hail {Ann}"


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
    assert polish(raw) == text


def test_two_lists_with_the_same_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        grammar_module, "parse_lists", lambda text: [("twin", TemplateList((), ()))]
    )

    with pytest.raises(ValueError, match="the list 'twin' exists already"):
        load_grammar.__wrapped__()
