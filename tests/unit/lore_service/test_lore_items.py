"""Entities are found while the text that holds them is still being written."""

import json
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lore_service.items import ItemScanner

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)
NAMES = st.sampled_from(["items", "other", 'it"ems', "items\\", "é", ""])
DOCUMENTS = st.dictionaries(NAMES, VALUES | st.lists(VALUES, max_size=4), max_size=4)


def scanned(pieces: list[str]) -> list[Any]:
    scanner = ItemScanner("items")
    return [json.loads(item) for piece in pieces for item in scanner.feed(piece)]


def cut(text: str, places: list[int]) -> list[str]:
    at = [0, *sorted({place % (len(text) + 1) for place in places}), len(text)]
    return [text[begin:end] for begin, end in pairwise(at)]


def entities(document: dict[str, Any]) -> list[Any]:
    """What the scanner should find: the objects in the top-level list `items`."""
    listed = document.get("items")
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


@settings(deadline=None)
@given(DOCUMENTS, st.lists(st.integers(min_value=0), max_size=12), st.booleans())
def test_any_document_cut_anywhere(
    document: dict[str, Any], places: list[int], ascii_only: bool
) -> None:
    """Given any JSON object / however it is cut into pieces / I expect the entities of its list."""
    text = json.dumps(document, ensure_ascii=ascii_only, indent=None if ascii_only else 1)

    assert scanned(cut(text, places)) == entities(document)


@settings(deadline=None)
@given(st.text(alphabet='{}[]",:\\items \n', max_size=60), st.integers(1, 5))
def test_no_text_breaks_it(text: str, size: int) -> None:
    """Given what is no JSON at all / I expect valid entities or none, and no error."""
    scanned([text[at : at + size] for at in range(0, len(text), size)])


def test_an_entity_is_there_with_its_last_bracket() -> None:
    """Given a list that is not finished / I expect the first entity as soon as it is."""
    scanner = ItemScanner("items")

    assert scanner.feed('{"items": [{"name": "A"') == []
    assert scanner.feed("}") == ['{"name": "A"}']
    assert scanner.feed(', {"name": "B') == []


def test_a_model_that_talks_first() -> None:
    """Given words before the JSON / I expect the entities all the same."""
    assert scanned(['Here is "it":\n```json\n', '{"items":[{"a":1}]}', "\n```"]) == [{"a": 1}]


def test_lists_of_other_names_and_depths_are_left_alone() -> None:
    """Given the name in other places / I expect only the list at the top."""
    document = {
        "x": {"items": [{"no": 1}]},
        "y": [{"items": [{"no": 2}]}],
        "z": "items",
        "items": [[{"no": 3}], {"yes": {"items": [{"in": 1}]}}],
    }

    assert scanned([json.dumps(document)]) == [{"yes": {"items": [{"in": 1}]}}]
