"""What the archive keeps of ended jobs, on both databases alike."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from loresmith.archive import Archive, ArchiveRefused, EndedJob, UsageSums
from tests.worlds import a_world

pytestmark = pytest.mark.integration

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MONTH = (datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))


def ended(**reply: Any) -> EndedJob:
    usual: dict[str, Any] = {
        "id": str(uuid.uuid4()), "revision": 1, "status": "completed", "user_id": "mira",
        "team_id": "", "type": "generate_lore", "model": "m", "session_id": "",
        "created_at": NOON, "completed_at": NOON, "attempts": 1, "calls": 2, "input_tokens": 100,
        "output_tokens": 40, "cost_micros": 7, "uncertain_micros": 0, "estimate_micros": None,
    }  # fmt: skip
    return EndedJob(**usual | reply)


def test_a_month_is_summed_up_by_user(archive: Archive) -> None:
    """Given jobs of two users, one without an estimate, one of another month / when I ask for the
    month / I expect a line for each user, the dearer one first.
    """
    archive.history.save(
        [
            ended(estimate_micros=10),
            ended(cost_micros=3, uncertain_micros=3),
            ended(user_id="brannoc", cost_micros=50, estimate_micros=40),
            ended(completed_at=NOON - timedelta(days=40), cost_micros=999),
        ]
    )

    assert archive.history.usage("user", *MONTH) == [
        UsageSums("brannoc", 1, 2, 100, 40, 50, 0, 1, 40, 50, 0),
        UsageSums("mira", 2, 4, 200, 80, 10, 3, 1, 10, 7, 1),
    ]


@pytest.mark.parametrize(
    ("group", "field"),
    [("type", "type"), ("model", "model"), ("session", "session_id"), ("team", "team_id")],
)
def test_each_group_is_a_field(archive: Archive, group: Any, field: str) -> None:
    archive.history.save([ended(**{field: "a"}), ended(**{field: "b", "cost_micros": 9})])

    assert [line.key for line in archive.history.usage(group, *MONTH)] == ["b", "a"]


def test_days_are_in_order_and_of_utc(archive: Archive) -> None:
    late = datetime.fromisoformat("2026-11-23T23:30:00-05:00")
    archive.history.save([ended(completed_at=late), ended(), ended(cost_micros=99)])

    lines = archive.history.usage("day", *MONTH)

    assert [(line.key, line.cost_micros) for line in lines] == [
        ("2026-11-23", 106),
        ("2026-11-24", 7),
    ]


def test_saving_again_changes_nothing_and_a_newer_word_wins(archive: Archive) -> None:
    """Given a job that failed for 7, was retried and completed for 12 / when the words arrive
    doubled and in a wrong order / I expect one job, for 12.
    """
    first = ended(status="failed")
    second = replace(first, revision=2, status="completed", cost_micros=12)

    for jobs in ([first], [second, first], [second], [first, second], [], [first]):
        archive.history.save(jobs)

    (line,) = archive.history.usage("user", *MONTH)
    assert (line.jobs, line.cost_micros) == (1, 12)


@pytest.mark.parametrize("other", [{"user_id": "brannoc"}, {"team_id": "crows"}])
def test_a_job_with_the_id_of_anothers_replaces_nothing(
    archive: Archive, other: dict[str, str]
) -> None:
    """Given a job of Mira's / when a later one of another owner comes with its id, alone, beside
    others or in one batch with it / I expect it refused, and hers as it was.
    """
    mine = ended(team_id="sea")
    taken = replace(mine, revision=2, cost_micros=999, **other)
    for jobs in ([mine, taken], [ended(id=taken.id, revision=3), mine]):
        with pytest.raises(ArchiveRefused, match="another owner"):
            archive.history.save(jobs)
    archive.history.save([mine])

    for jobs in ([taken], [ended(), taken], [replace(mine, revision=0), taken]):
        with pytest.raises(ArchiveRefused, match=f"Job {mine.id} belongs to another owner"):
            archive.history.save(jobs)

    (line,) = archive.history.usage("user", *MONTH)
    assert (line.key, line.jobs, line.cost_micros) == ("mira", 1, 7)
    assert archive.history.owner(mine.id) == {"user_id": "mira", "team_id": "sea"}
    assert archive.history.owner(str(uuid.uuid4())) is None


def test_a_world_is_of_the_team_of_its_users_job_only(archive: Archive) -> None:
    """Given a world of Mira's and a job of another user's with its id / I expect that the team of
    the job does not read the world, and that of her own job does.
    """
    taken, own = a_world(), a_world()
    for world in (taken, own):
        archive.worlds.save(world)
    archive.history.save(
        [
            ended(id=taken.id, user_id="brannoc", team_id="crows"),
            ended(id=own.id, team_id="crows"),
        ]
    )

    page = archive.worlds.list("mira", owners=[("team_id", "crows")])

    assert [world.id for world in page.items] == [own.id]
    assert archive.worlds.get(taken.id, owners=[("team_id", "crows")]) is None


def test_what_a_budget_has_spent_is_rebuilt(archive: Archive) -> None:
    archive.history.save(
        [ended(), ended(user_id="brannoc"), ended(completed_at=NOON - timedelta(days=1))]
    )

    assert archive.history.spent("user", "mira", NOON) == 7
    assert archive.history.spent(None, "all", NOON) == 14
    assert archive.history.spent(None, "all", MONTH[0]) == 21
    assert archive.history.spent("team", "sea", MONTH[0]) == 0


@pytest.mark.parametrize(
    "changes",
    [{"id": "7"}, {"user_id": "m\0ra"}, {"model": "x" * 257}, {"cost_micros": -1},
     {"calls": 2**63}, {"completed_at": NOON.replace(tzinfo=None)}, {"status": ""}],
    ids=lambda changes: "-".join(changes),
)  # fmt: skip
def test_bad_data_is_refused_alike_and_nothing_is_saved(
    archive: Archive, changes: dict[str, Any]
) -> None:
    with pytest.raises(ArchiveRefused):
        archive.history.save([ended(), ended(**changes)])

    assert archive.history.usage("user", *MONTH) == []
