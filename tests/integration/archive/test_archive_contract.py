"""What the archive promises, on both databases alike."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from loresmith.archive import Archive, ArchiveRefused, WorldSummary
from loresmith.archive import worlds as worlds_module
from loresmith.archive.pages import Position
from tests.worlds import NOON, a_world, summary

pytestmark = pytest.mark.integration


def at_once(count: int, act: Callable[[int], None]) -> None:
    with ThreadPoolExecutor(count) as threads:
        list(threads.map(act, range(count)))


class TestSaving:
    def test_a_world_comes_back_as_it_was_saved(self, archive: Archive) -> None:
        content = {
            "z": "first stays first",
            "a": {"empty": [], "nothing": None, "none": {}},
            "numbers": [2**63, -1, 0.1, 1.0, True],
            "text": "Ünïcode 🐉 “quoted” \\u0000 \n\t\x01",
        }
        world = a_world(content=content, title="", theme="Ødemark 🐉")

        archive.worlds.save(world)

        saved = archive.worlds.get(world.id)
        assert saved == world
        assert list(saved.content) == list(content)

    def test_a_moment_of_another_zone_comes_back_in_utc(self, archive: Archive) -> None:
        tokyo = NOON.astimezone(timezone(timedelta(hours=9)))
        world = a_world(created_at=tokyo)

        archive.worlds.save(world)

        saved = archive.worlds.get(world.id)
        assert saved is not None
        assert saved.created_at == tokyo
        assert saved.created_at.tzinfo is UTC

    def test_saving_again_changes_nothing(self, archive: Archive) -> None:
        world = a_world()

        archive.worlds.save(world)
        archive.worlds.save(world)

        assert archive.worlds.list("mira").items == (summary(world),)

    def test_a_retried_job_replaces_its_world_in_its_place(self, archive: Archive) -> None:
        first = a_world()
        again = replace(
            first, title="Saltmere", content={"story": "Flood."}, created_at=NOON + timedelta(1)
        )

        archive.worlds.save(first)
        archive.worlds.save(again)

        assert archive.worlds.get(first.id) == replace(again, created_at=NOON)
        assert len(archive.worlds.list("mira").items) == 1

    def test_no_one_overwrites_the_world_of_another(self, archive: Archive) -> None:
        world = a_world()
        archive.worlds.save(world)

        with pytest.raises(ArchiveRefused, match="belongs to another user"):
            archive.worlds.save(replace(world, user_id="brannoc", title="Mine now"))

        assert archive.worlds.get(world.id) == world

    def test_20_threads_that_save_one_world_make_one_row(self, archive: Archive) -> None:
        world = a_world()

        at_once(20, lambda n: archive.worlds.save(replace(world, content={"attempt": n})))

        (only,) = archive.worlds.list("mira").items
        saved = archive.worlds.get(only.id)
        assert saved is not None
        assert saved.content["attempt"] in range(20)

    def test_20_threads_that_save_a_world_each_lose_none(self, archive: Archive) -> None:
        worlds = [a_world() for _ in range(20)]

        at_once(20, lambda n: archive.worlds.save(worlds[n]))

        assert {world.id for world in archive.worlds.list("mira").items} == {w.id for w in worlds}

    @pytest.mark.parametrize(
        "changes",
        [
            {"id": "not-a-uuid"},
            {"user_id": ""},
            {"user_id": "m\0ra"},
            {"user_id": "x" * 257},
            {"title": "a\0b"},
            {"theme": "\udfff"},
            {"model": None},
            {"created_at": NOON.replace(tzinfo=None)},
            {"expires_at": NOON.replace(tzinfo=None)},
            {"created_at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5)))},
            {"content": ["a list"]},
            {"content": {"story": {"text": "a\0b"}}},
            {"content": {"age": 10**5000}},
        ],
        ids=lambda changes: "-".join(changes),
    )
    def test_bad_data_is_refused_alike(self, archive: Archive, changes: dict[str, Any]) -> None:
        with pytest.raises(ArchiveRefused):
            archive.worlds.save(a_world(**changes))

        assert archive.worlds.list("mira").items == ()

    def test_the_longest_user_id_fits_the_index(self, archive: Archive) -> None:
        world = a_world(user_id="🐉" * 256)

        archive.worlds.save(world)

        assert archive.worlds.list(world.user_id).items == (summary(world),)


class TestExpiry:
    def test_an_expired_world_is_gone_at_once_and_its_row_at_the_next_maintenance(
        self, archive: Archive, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Given worlds that expire before, after and never / I expect only the first ones gone."""
        monkeypatch.setattr(worlds_module, "MAX_DELETED", 2)
        now = datetime.now(UTC)
        past = [a_world(expires_at=now - timedelta(seconds=n)) for n in range(5)]
        lasting = [a_world(expires_at=now + timedelta(hours=1)), a_world()]
        for world in [*past, *lasting]:
            archive.worlds.save(world)

        assert archive.worlds.get(past[0].id) is None
        assert {world.id for world in archive.worlds.list("mira").items} == {w.id for w in lasting}
        assert archive.worlds.delete_expired() == 5
        assert archive.worlds.delete_expired() == 0
        assert [archive.worlds.get(world.id) for world in lasting] == lasting

    def test_saving_again_moves_the_expiry(self, archive: Archive) -> None:
        world = a_world(expires_at=datetime.now(UTC) - timedelta(seconds=1))
        archive.worlds.save(world)

        archive.worlds.save(replace(world, expires_at=None))

        assert archive.worlds.get(world.id) == replace(world, expires_at=None)


class TestReading:
    @pytest.mark.parametrize("world_id", [str(uuid.UUID(int=7)), "", "7", "a\0b", "\ud800", "' --"])
    def test_an_unknown_id_is_none_whatever_it_looks_like(
        self, archive: Archive, world_id: str
    ) -> None:
        archive.worlds.save(a_world())

        assert archive.worlds.get(world_id) is None

    def test_the_world_of_another_is_none(self, archive: Archive) -> None:
        world = a_world()
        archive.worlds.save(world)

        assert archive.worlds.get(world.id, owners=[("user_id", "mira")]) == world
        assert archive.worlds.get(world.id, owners=[("user_id", "brannoc")]) is None
        assert archive.worlds.get(world.id, owners=[]) is None

    def test_pages_show_each_world_once_newest_first(self, archive: Archive) -> None:
        """Given 7 worlds of which 4 are of the same moment, and one of somebody else,
        if I turn pages of 3 while another world is added, I expect the 7 in order."""
        moments = [NOON + timedelta(microseconds=n) for n in (0, 1, 1, 1, 1, 2, 3)]
        worlds = [a_world(created_at=moment) for moment in moments]
        for world in [*worlds, a_world(user_id="brannoc")]:
            archive.worlds.save(world)

        page = archive.worlds.list("mira", limit=3)
        seen: list[WorldSummary] = [*page.items]
        archive.worlds.save(a_world(created_at=NOON + timedelta(days=1)))
        while page.next_cursor:
            page = archive.worlds.list("mira", limit=3, cursor=page.next_cursor)
            seen += page.items

        expected = sorted(worlds, key=lambda world: (world.created_at, world.id), reverse=True)
        assert seen == [summary(world) for world in expected]

    def test_the_last_full_page_has_no_next(self, archive: Archive) -> None:
        for _ in range(3):
            archive.worlds.save(a_world())

        assert archive.worlds.list("mira", limit=3).next_cursor is None
        assert archive.worlds.list("mira", limit=2).next_cursor is not None
        assert archive.worlds.list("nobody").items == ()

    @pytest.mark.parametrize("user_id", ["", "a\0b", "\ud800", "x" * 257])
    def test_a_user_id_that_nobody_can_have_is_refused(
        self, archive: Archive, user_id: str
    ) -> None:
        with pytest.raises(ArchiveRefused, match="user_id"):
            archive.worlds.list(user_id)

    @pytest.mark.parametrize("year", [1, 9999])
    def test_a_cursor_forged_to_the_end_of_time_is_just_a_cursor(
        self, archive: Archive, year: int
    ) -> None:
        archive.worlds.save(a_world())
        edge = Position(datetime(year, 1, 1, tzinfo=UTC), a_world().id)

        page = archive.worlds.list("mira", cursor=edge.as_cursor())

        assert len(page.items) == (year == 9999)
