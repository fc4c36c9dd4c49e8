"""How many waiting jobs only a worker is missing for."""

from typing import Any

import pytest

from loresmith.api.services.queue_forecast import Lane, OwnerJobs, startable

LANES = [Lane("a|large", "a", "large", 10), Lane("b|large", "b", "large", 5),
         Lane("a|small", "a", "small", 3)]  # fmt: skip
MIRA = OwnerJobs("user:mira", 2, 0, {"a|large": 6, "b|large": 1, "a|small": 3})


@pytest.mark.parametrize(
    ("rooms", "expected"),
    [
        ({}, 18),
        ({"large": 4}, 7),
        ({"large": 0, "small": 1}, 1),
        ({"large": 100, "small": None}, 18),
    ],
)
def test_a_pool_lets_as_many_start_as_it_has_room_for(
    rooms: dict[str, int | None], expected: int
) -> None:
    assert startable(LANES, rooms, [], ()) == expected


@pytest.mark.parametrize(
    ("paused", "expected"),
    [({"all"}, 0), ({"pool:large"}, 3), ({"type:a"}, 5), ({"type:c", "owner:team:sea"}, 18)],
)
def test_paused_jobs_do_not_start(paused: set[str], expected: int) -> None:
    assert startable(LANES, {}, [(MIRA, None)], paused) == expected


@pytest.mark.parametrize(
    ("paused", "expected"), [({"pool:x"}, 0), ({"pool:y"}, 0), ({"pool:z"}, 4), (set(), 4)]
)
def test_a_pause_of_a_part_holds_a_list(paused: set[str], expected: int) -> None:
    assert startable([Lane("a|x|y", "a", "x|y", 4)], {}, [], paused) == expected


@pytest.mark.parametrize(("concurrency", "expected"), [(None, 18), (2, 8), (5, 11), (50, 18)])
def test_an_owner_starts_as_many_as_it_may(concurrency: Any, expected: int) -> None:
    """Given ten waiting jobs of an owner that runs two, and eight of others."""
    assert startable(LANES, {}, [(MIRA, concurrency)], ()) == expected


def test_the_jobs_of_a_paused_owner_do_not_start() -> None:
    assert startable(LANES, {}, [(MIRA, 50)], {"owner:user:mira"}) == 8


def test_limits_of_pools_and_owners_add_up() -> None:
    """Given an owner without room and a pool with room for more than the others' jobs."""
    assert startable(LANES, {"large": 12}, [(MIRA, 2)], ()) == 8
    assert startable(LANES, {"large": 7}, [(MIRA, 2)], ()) == 7
