"""What people write in DATABASE_URL, and what becomes of it."""

import traceback
from pathlib import Path

import pytest

from loresmith.archive import ArchiveRefused
from loresmith.archive.urls import parse, place

SECRET = "hush-hush"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_is_spoken_with_psycopg(scheme: str) -> None:
    url = parse(f"{scheme}://lore:p%40ss@db.example:6543/worlds?sslmode=require")

    assert url.drivername == "postgresql+psycopg"
    assert (url.username, url.password, url.host, url.port) == ("lore", "p@ss", "db.example", 6543)
    assert url.query == {"sslmode": "require"}


def test_an_absolute_path_is_taken_as_it_is() -> None:
    assert parse("sqlite:////var/lib/lore/worlds.db").database == "/var/lib/lore/worlds.db"


def test_a_relative_path_is_settled_where_the_process_stands_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert parse("sqlite:///data/lore.db").database == str(tmp_path / "data" / "lore.db")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "lore.db",
        "/var/lib/lore.db",
        "mysql://lore@db/lore",
        "postgresql+psycopg2://lore@db/lore",
        "postgresql://db:port/lore",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite://lore.db",
        "sqlite:///lore.db?mode=ro",
    ],
)
def test_anything_else_is_refused_with_the_right_form(url: str) -> None:
    with pytest.raises(ArchiveRefused, match=r"write sqlite:///path/to/file\.db"):
        parse(url)


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://lore:{SECRET}",
        f"postgresql://lore:p@{SECRET}@db/lore",
        f"postgresql:lore:{SECRET}@db/lore",
        f"mysql://lore:{SECRET}@db/lore",
        f"postgresql://lore:{SECRET}@db:port/lore",
    ],
)
def test_a_refused_url_is_never_quoted_for_it_may_hold_a_password(url: str) -> None:
    with pytest.raises(ArchiveRefused) as refused:
        parse(url)

    shown = "".join(traceback.format_exception_only(refused.value))
    assert SECRET not in shown
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None


def test_a_place_names_host_and_database_but_no_user_password_or_option() -> None:
    url = parse(f"postgres://lore:{SECRET}@db.example/worlds?sslpassword={SECRET}")

    assert place(url) == "The PostgreSQL database worlds at db.example:5432"
