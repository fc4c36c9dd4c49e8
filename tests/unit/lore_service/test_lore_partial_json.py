"""Items are found while the text that holds them is still arriving."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loresmith.lore_service.calls.partial_json import ItemParser

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)
NAMES = st.sampled_from(["items", "other", 'it"ems', "items\\", "é", ""])
DOCUMENTS = st.dictionaries(NAMES, VALUES | st.lists(VALUES, max_size=4), max_size=4)


def parsed(pieces: list[str]) -> list[Any]:
    parser = ItemParser("items")
    return [json.loads(item) for piece in pieces for item in parser.feed(piece)]


def cut(text: str, positions: list[int]) -> list[str]:
    bounds = [0, *sorted({each % (len(text) + 1) for each in positions}), len(text)]
    return [text[start:end] for start, end in pairwise(bounds)]


def expected(document: dict[str, Any]) -> list[Any]:
    """The objects in the top-level list `items`."""
    items = document.get("items")
    return [one for one in items if isinstance(one, dict)] if isinstance(items, list) else []


@given(DOCUMENTS, st.lists(st.integers(min_value=0), max_size=12), st.booleans())
def test_any_document_cut_anywhere(
    document: dict[str, Any], positions: list[int], ascii_only: bool
) -> None:
    """Given any JSON object / however it is cut into pieces / I expect the items of its list."""
    text = json.dumps(document, ensure_ascii=ascii_only, indent=None if ascii_only else 1)

    assert parsed(cut(text, positions)) == expected(document)


@given(st.text(alphabet='{}[]",:\\items \n', max_size=60), st.integers(1, 5))
def test_invalid_json_is_no_error(text: str, size: int) -> None:
    """Given a text that is not JSON / I expect valid items or none, and no error."""
    parsed([text[start : start + size] for start in range(0, len(text), size)])


@pytest.mark.parametrize(
    "before", ["", '{"items": [{"name": "A"}, ', '{"x": [{"y": {}}], "items": [{"name": "A"}, ']
)
def test_an_item_is_returned_with_its_last_bracket(before: str) -> None:
    """Given an open list / I expect an item as soon as it ends, also when its text has brackets."""
    parser = ItemParser("items")
    parser.feed(before or '{"items": [')

    assert parser.feed('{"name": "}]}", "list": [{"a": {}}]') == []
    assert parser.feed("}") == ['{"name": "}]}", "list": [{"a": {}}]}']
    assert parser.feed(', {"name": "B') == []


def test_all_complete_items_of_one_piece_are_returned() -> None:
    """Given a piece that ends inside an object / I expect the items that are complete in it."""
    assert parsed(['{"items": [{"a": 1}, {"a": {"b": 2}']) == [{"a": 1}]
    assert parsed(['{"items": [{"a": 1}], "more": {"x": {"y": 1}, "z": "']) == [{"a": 1}]


def test_each_item_is_returned_once_at_every_cut() -> None:
    """Given a text in two pieces / wherever it is cut / I expect each item once, in order."""
    items = [{"name": 'A\\"}', "é": [{"x": 1}]}, {}, {"name": "🙂"}]
    text = json.dumps({"title": "{", "items": items, "end": [{"no": 1}]}, ensure_ascii=False)

    for position in range(len(text) + 1):
        assert parsed(cut(text, [position])) == items
    assert parsed(list(text)) == items


def test_words_around_the_json_are_ignored() -> None:
    assert parsed(['Here is "it":\n```json\n', '{"items":[{"a":1}]}', "\n```"]) == [{"a": 1}]


def test_only_the_list_at_the_top_counts() -> None:
    """Given the field's name in other places / I expect only the list at the top."""
    document = {
        "x": {"items": [{"no": 1}]},
        "y": [{"items": [{"no": 2}]}],
        "z": "items",
        "items": [[{"no": 3}], {"yes": {"items": [{"in": 1}]}}],
    }

    assert parsed([json.dumps(document)]) == [{"yes": {"items": [{"in": 1}]}}]
