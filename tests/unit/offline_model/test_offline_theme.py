"""Any theme becomes a noun phrase for sentences and words for names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loresmith.offline_model.writer.theme import Theme


@pytest.mark.parametrize(
    ("text", "phrase"),
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
def test_a_theme_as_a_noun_phrase(text: str, phrase: str) -> None:
    assert Theme.parse(text).phrase == phrase


@pytest.mark.parametrize("text", ["", "  ", "fantasy", "A fantasy", "...", "fault:cut"])
def test_a_theme_without_a_subject_is_the_old_magic(text: str) -> None:
    assert Theme.parse(text).phrase == "the old magic"


@pytest.mark.parametrize(
    "text", ["Dragons rule the sky and humans hide underground", "机械沙漠", "42 towers"]
)
def test_other_themes_are_quoted(text: str) -> None:
    assert Theme.parse(text).phrase == f"“{text}”"


def test_words_for_names() -> None:
    assert Theme.parse("the sky pirates").name_words == ("Sky", "Pirate")
    assert Theme.parse("haunted forest fault:cut").name_words == ("Haunted", "Forest")


def test_a_sentence_gives_no_words_for_names() -> None:
    assert Theme.parse("a girl who loses her shadow").name_words == ()


@given(st.text(max_size=600))
def test_any_text_is_a_theme(text: str) -> None:
    theme = Theme.parse(text)

    assert 1 <= len(theme.phrase) <= 80
    assert "\n" not in theme.phrase
    assert all(word[0].isupper() and word.isalpha() for word in theme.name_words)
