"""A theme, whatever it is, becomes words that fit into a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lore_service.offline.theme import Theme


@pytest.mark.parametrize(
    ("told", "phrase"),
    [
        ("clockwork desert", "the clockwork desert"),
        ("a drowned empire", "the drowned empire"),
        ("The Last Empire", "the Last Empire"),
        ("Pirates of the sky", "pirates of the sky"),
        ("war", "war"),
        ("Venice", "Venice"),
        ("Norse mythology", "the Norse mythology"),
        (
            "Write me a story about an old lighthouse keeper, and his dog.",
            "the old lighthouse keeper",
        ),
        ("a world of floating islands", "floating islands"),
    ],
)
def test_a_theme_as_a_noun_phrase(told: str, phrase: str) -> None:
    assert Theme.of(told).phrase == phrase


@pytest.mark.parametrize("told", ["", "  ", "fantasy", "A fantasy", "...", "fault:cut"])
def test_a_theme_that_says_nothing_is_the_old_magic(told: str) -> None:
    """Given the name of a shelf in a bookshop / I expect a thing: nobody lives "near fantasy"."""
    assert Theme.of(told).phrase == "the old magic"


@pytest.mark.parametrize(
    "told", ["Dragons rule the sky and humans hide underground", "机械沙漠", "42 towers"]
)
def test_what_is_no_noun_phrase_stands_between_quotes(told: str) -> None:
    assert Theme.of(told).phrase == f"“{told}”"


def test_words_for_names() -> None:
    assert Theme.of("the sky pirates").words == ("Sky", "Pirate")
    assert Theme.of("haunted forest fault:cut").words == ("Haunted", "Forest")


def test_no_words_for_names_when_there_are_many() -> None:
    """Given a sentence / I expect none: "the Loses Covenant" is worse than no trace of it."""
    assert Theme.of("a girl who loses her shadow").words == ()


@given(st.text(max_size=600))
def test_any_text_is_a_theme(told: str) -> None:
    theme = Theme.of(told)

    assert 1 <= len(theme.phrase) <= 80
    assert "\n" not in theme.phrase
    assert all(word[0].isupper() and word.isalpha() for word in theme.words)
