"""Cursors: opaque outside, exact inside."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loresmith.archive import ArchiveRefused
from loresmith.archive.pages import Position, check_limit

ID = "6f1ed002-ab1b-4f2a-9c7d-111111111111"


@given(st.datetimes(timezones=st.just(UTC)), st.uuids().map(str))
def test_a_cursor_comes_back_to_the_same_microsecond_and_id(moment: datetime, id: str) -> None:
    position = Position(moment, id)

    assert Position.from_cursor(position.as_cursor()) == position


def test_a_cursor_needs_no_escaping_in_a_url() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)

    assert Position(moment, ID).as_cursor().replace("-", "").replace("_", "").isalnum()


def encoded(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "é",
        "\ud800",
        "!!!!",
        encoded("2026-01-02T03:04:05+00:00"),
        encoded(f"2026-01-02T03:04:05 {ID}"),
        encoded(f"0001-01-01T00:00:00+23:00 {ID}"),
        encoded("2026-01-02T03:04:05+00:00 7"),
        encoded(f"yesterday {ID}"),
        encoded("\0 \0"),
    ],
)
def test_a_cursor_that_is_not_ours_is_refused(cursor: str) -> None:
    with pytest.raises(ArchiveRefused, match="Repeat the request without it"):
        Position.from_cursor(cursor)


@given(st.text())
def test_no_text_at_all_makes_another_error(cursor: str) -> None:
    with pytest.raises(ArchiveRefused):
        Position.from_cursor(cursor)


@pytest.mark.parametrize("limit", [-1, 0, 201])
def test_a_page_has_1_to_200_items(limit: int) -> None:
    with pytest.raises(ArchiveRefused, match="limit must be 1 to 200"):
        check_limit(limit)
