"""The routes of the archive."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from loresmith.archive import WorldRecord, open_archive
from tests.servers import free_port
from tests.unit.api.harness import ApiHarness, api_harness

FIRST = datetime(2026, 1, 10, 12, tzinfo=UTC)


IDS = [f"0190c1d2-0000-7000-8000-00000000000{number}" for number in range(3)]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with three worlds of user u, a day apart. Making one takes a while."""
    path = tmp_path_factory.mktemp("worlds") / "worlds.db"
    with open_archive(f"sqlite:///{path}") as archive:
        for number, id in enumerate(IDS):
            archive.worlds.save(world(number, id))
    return path


def world(number: int, id: str) -> WorldRecord:
    return WorldRecord(
        id=id,
        user_id="u",
        title=f"World {number}",
        theme="fantasy",
        model="small",
        created_at=FIRST + timedelta(days=number),
        content={"title": f"World {number}", "numbers": [9007199254740993], "empty": {}},
    )


@pytest.fixture
def worlds(file: Path, tmp_path: Path) -> list[str]:
    """Puts the worlds into the api's archive; their ids, newest first."""
    shutil.copy(file, tmp_path / "worlds.db")
    return IDS[::-1]


def test_a_world_is_read_whole(api: ApiHarness, worlds: list[str]) -> None:
    answer = api.get(f"/worlds/{worlds[-1]}")

    assert answer.status_code == 200
    assert answer.json() == {
        "id": IDS[0],
        "user_id": "u",
        "kind": "world",
        "title": "World 0",
        "theme": "fantasy",
        "model": "small",
        "created_at": "2026-01-10T12:00:00Z",
        "expires_at": None,
        "content": {"title": "World 0", "numbers": [9007199254740993], "empty": {}},
    }


def test_an_id_in_capitals_is_the_same_id(api: ApiHarness, worlds: list[str]) -> None:
    assert api.get(f"/worlds/{worlds[0].upper()}").json()["id"] == worlds[0]


def test_a_users_worlds_come_in_pages(api: ApiHarness, worlds: list[str]) -> None:
    first = api.get("/worlds?user_id=u&limit=2").json()
    second = api.get(f"/worlds?user_id=u&limit=2&cursor={first['next_cursor']}").json()

    assert [world["id"] for world in first["worlds"] + second["worlds"]] == worlds
    assert second["next_cursor"] is None
    assert "content" not in first["worlds"][0]


def test_another_user_has_none(api: ApiHarness, worlds: list[str]) -> None:
    assert api.get("/worlds?user_id=somebody").json() == {"worlds": [], "next_cursor": None}


@pytest.mark.parametrize("id", ["nope", "%00", "%ff", "x" * 500])
def test_a_world_that_is_none(api: ApiHarness, worlds: list[str], id: str) -> None:
    answer = api.get(f"/worlds/{id}")

    assert (answer.status_code, answer.json()["code"]) == (404, "world-not-found")


MISFITS = [
    ("user_id", "user_id="),
    ("user_id", "user_id=%00"),
    ("user_id", "user_id=" + "x" * 1000),
    ("limit", "user_id=u&limit=abc"),
    ("limit", "user_id=u&limit=0"),
    ("limit", "user_id=u&limit=-1"),
    ("limit", "user_id=u&limit=201"),
    ("limit", "user_id=u&limit=99999999999999999999"),
    ("limit", "user_id=u&limit=%EF%BC%91"),
    ("limit", "user_id=u&limit=1%0a"),
    ("limit", "user_id=u&limit="),
    ("cursor", "user_id=u&cursor=zzz"),
    ("cursor", "user_id=u&cursor="),
    ("cursor", "user_id=u&cursor=%00%ff"),
]


@pytest.mark.parametrize(("name", "query"), MISFITS)
def test_an_invalid_request_is_named(
    api: ApiHarness, worlds: list[str], name: str, query: str
) -> None:
    answer = api.get(f"/worlds?{query}")

    assert (answer.status_code, answer.json()["code"]) == (400, "validation-error")
    assert answer.json()["errors"][0]["parameter"] == name


def test_an_archive_that_is_away_says_so_and_not_where_it_lies(tmp_path: Path) -> None:
    """Given no database / I expect 503 with a hint, and nothing of the server's insides."""
    url = f"postgresql://lore:secret@127.0.0.1:{free_port()}/worlds"
    with api_harness(tmp_path, database_url=url) as api:
        for path in ("/worlds?user_id=u", f"/worlds/{IDS[0]}"):
            answer = api.get(path)

            assert (answer.status_code, answer.json()["retryable"]) == (503, True)
            assert answer.headers["retry-after"] == "1"
            assert "127.0.0.1" not in answer.text
            assert "secret" not in answer.text


def test_a_new_archive_has_no_worlds(api: ApiHarness) -> None:
    assert api.get("/worlds?user_id=u").json()["worlds"] == []
    assert api.get(f"/worlds/{IDS[0]}").status_code == 404


def test_results_of_another_kind_are_listed_by_it_alone(
    api: ApiHarness, worlds: list[str], tmp_path: Path
) -> None:
    """Given a saved result of another job type beside worlds
    / I expect it in the list of its kind, not among the worlds, and read by its id.
    """
    saved = replace(world(1, f"{IDS[0][:-1]}9"), kind="read_invoices", theme="")
    with open_archive(f"sqlite:///{tmp_path}/worlds.db") as archive:
        archive.worlds.save(saved)

    listed = api.get("/worlds?user_id=u").json()["worlds"]
    of_kind = api.get("/worlds?user_id=u&kind=read_invoices").json()["worlds"]

    assert [each["id"] for each in listed] == worlds
    assert [(each["id"], each["kind"]) for each in of_kind] == [(saved.id, "read_invoices")]
    assert api.get(f"/worlds/{saved.id}").json()["content"] == saved.content
    assert api.get("/worlds?kind=").status_code == 400
