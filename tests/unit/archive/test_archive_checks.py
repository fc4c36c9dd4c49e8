"""What the archive refuses before it asks a database, and how it says so."""

from datetime import UTC, datetime
from typing import Any

import pytest

from loresmith.archive import ArchiveRefused
from loresmith.archive.checks import (
    MAX_DEPTH,
    check_id,
    check_json,
    check_name,
    check_text,
    check_time,
)


def nested(levels: int) -> list[Any]:
    matches: list[Any] = []
    for _ in range(levels):
        matches = [matches]
    return matches


def in_itself() -> dict[str, Any]:
    matches: dict[str, Any] = {}
    matches["again"] = matches
    return matches


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ({"story": {"title": "a\0b"}}, r"content\.story\.title holds a NUL"),
        ({"relics": [{}, {"na\0me": 1}]}, r"a key in content\.relics\[1\] holds a NUL"),
        ({"name": "\ud800"}, r"content\.name holds half of a surrogate pair"),
        ({"age": float("nan")}, r"content\.age is not a finite number"),
        ({"age": float("-inf")}, r"content\.age is not a finite number"),
        ({"age": -(2**1024)}, r"content\.age is a number of more than 1024 bits"),
        ({1: "one"}, "a key in content must be text"),
        ({"when": datetime.now(UTC)}, r"content\.when is a datetime, not JSON"),
        ({"pair": (1, 2)}, r"content\.pair is a tuple, not JSON"),
        ({"deep": nested(MAX_DEPTH)}, "nested deeper than 100"),
        (in_itself(), "nested deeper than 100"),
    ],
)
def test_what_would_not_come_back_the_same_is_refused_by_its_place(
    content: Any, complaint: str
) -> None:
    with pytest.raises(ArchiveRefused, match=complaint):
        check_json("content", content)


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"a": [], "b": {}, "c": None},
        {"n": [1, -2.5, 2**1024 - 1, True]},
        {"🐉": "\\u0000 é\n\x01"},
    ],
)
def test_json_passes(content: Any) -> None:
    check_json("content", content)


@pytest.mark.parametrize(
    "id",
    [
        "",
        "world",
        "6F1ED002-AB1B-4F2A-9C7D-111111111111",
        "6f1ed002ab1b4f2a9c7d111111111111",
        "{6f1ed002-ab1b-4f2a-9c7d-111111111111}",
        "6f1ed002-ab1b-4f2a-9c7d-111111111111\0",
        None,
        7,
    ],
)
def test_an_id_has_one_spelling(id: object) -> None:
    check_id("id", "6f1ed002-ab1b-4f2a-9c7d-111111111111")

    with pytest.raises(ArchiveRefused, match="id is not a UUID"):
        check_id("id", id)


@pytest.mark.parametrize("value", ["", "x" * 11, "a\0", None, 7])
def test_a_name_is_text_of_a_length(value: object) -> None:
    check_name("user_id", "x" * 10, max_length=10)

    with pytest.raises(ArchiveRefused, match="user_id"):
        check_name("user_id", value, max_length=10)


def test_text_may_be_empty_but_not_missing() -> None:
    check_text("title", "")

    with pytest.raises(ArchiveRefused, match="title must be text"):
        check_text("title", None)


def test_a_time_without_its_zone_is_refused() -> None:
    check_time("created_at", datetime.now(UTC))

    with pytest.raises(ArchiveRefused, match="created_at must be a time with its zone"):
        check_time("created_at", datetime.now(UTC).replace(tzinfo=None))
