"""No stream sends a part of a text twice, however it arrives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loresmith.api.openai_compat.text_position import TextChanged, TextPosition

TEXT = "In the drowned valley there are three rivers."


def test_parts_in_order_are_sent_as_they_come() -> None:
    position = TextPosition()

    assert [position.add(0, "In the"), position.add(6, " drowned")] == ["In the", " drowned"]
    assert position.end == 14


def test_an_attempt_that_repeats_the_text_sends_its_rest() -> None:
    position = TextPosition()
    position.add(0, "In the drowned")

    assert position.add(0, "In the") == ""
    assert position.add(6, " drowned valley") == " valley"


def test_a_gap_is_sent_at_the_end() -> None:
    position = TextPosition()
    position.add(0, "In the")

    assert position.add(14, " valley") == ""
    assert position.add(0, TEXT) == TEXT[6:]


def test_another_text_is_not_continued() -> None:
    """Given a text that is written again otherwise / I expect an error instead of a mixture."""
    position = TextPosition()
    position.add(0, "In the drowned")

    with pytest.raises(TextChanged):
        position.add(0, "On the flooded plain")


def test_a_client_that_comes_back_gets_the_rest() -> None:
    """Given a client that has ten characters, whose text is not known here / I expect the rest."""
    position = TextPosition(10)

    assert position.add(0, TEXT[:12]) == TEXT[10:12]
    assert position.add(0, TEXT) == TEXT[12:]
    with pytest.raises(TextChanged):
        position.add(0, TEXT[:10] + "another text")


@given(data=st.data())
def test_any_parts_in_any_order_give_the_text_once(data: st.DataObject) -> None:
    """Given parts of a text that overlap, repeat and are missing / when the whole text comes at
    the end / I expect each character once.
    """
    start = data.draw(st.integers(0, len(TEXT)))
    position, sent = TextPosition(start), ""
    for _ in range(data.draw(st.integers(0, 12))):
        first = data.draw(st.integers(0, len(TEXT)))
        last = data.draw(st.integers(first, len(TEXT)))
        sent += position.add(first, TEXT[first:last])

    assert sent + position.add(0, TEXT) == TEXT[start:]
    assert position.end == len(TEXT)
