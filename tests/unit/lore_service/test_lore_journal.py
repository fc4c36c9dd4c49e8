"""A result that cannot be stored in the ledger outlives the process that holds it."""

import asyncio
from pathlib import Path

import pytest

from lore_service.journal import Journal
from lore_service.ledger import Ending

pytestmark = pytest.mark.anyio


def ending(number: int = 1) -> Ending:
    return Ending(f"j{number}/s/0", "t", "done", {"text": "Ænd\nnext line"})


async def test_the_next_process_finds_it(tmp_path: Path) -> None:
    """Given a process that died with results / when another starts / I expect it to have them."""
    dead = Journal(tmp_path, "dead")
    await dead.add(ending(1))
    await dead.add(ending(2))
    dead.close()

    assert Journal(tmp_path, "next").waiting == [ending(1), ending(2)]


async def test_the_living_keep_theirs(tmp_path: Path) -> None:
    """Given a process that lives / when another starts in the folder / I expect nothing taken."""
    living = Journal(tmp_path, "living")
    await living.add(ending())

    assert Journal(tmp_path, "next").waiting == []
    living.close()


async def test_nothing_is_left_once_it_is_settled(tmp_path: Path) -> None:
    """Given results of its own and of the dead / when all are settled / I expect no file."""
    dead = Journal(tmp_path, "dead")
    await dead.add(ending(1))
    dead.close()
    journal = Journal(tmp_path, "next")
    await journal.add(ending(2))

    journal.settled([ending(1)])
    assert len(list(tmp_path.iterdir())) == 2
    journal.settled([ending(2)])

    assert list(tmp_path.iterdir()) == []


async def test_it_can_be_used_again(tmp_path: Path) -> None:
    """Given a journal that was emptied / when the ledger goes away again / I expect it to work."""
    journal = Journal(tmp_path, "me")
    await journal.add(ending(1))
    journal.settled([ending(1)])

    await journal.add(ending(2))
    journal.close()

    assert Journal(tmp_path, "next").waiting == [ending(2)]


async def test_many_at_once(tmp_path: Path) -> None:
    """Given a hundred results at the same moment / I expect every one of them on the disk."""
    journal = Journal(tmp_path, "me")
    await asyncio.gather(*(journal.add(ending(number)) for number in range(100)))
    journal.close()

    found = {each.call_id for each in Journal(tmp_path, "next").waiting}
    assert found == {f"j{number}/s/0" for number in range(100)}


async def test_a_line_cut_off_by_a_crash(tmp_path: Path) -> None:
    """Given a torn last line / I expect those before it, and no error."""
    dead = Journal(tmp_path, "dead")
    await dead.add(ending(1))
    dead.close()
    with (tmp_path / "dead.jsonl").open("ab") as file:
        file.write(b'\n{"call_id": "j2/s/0", "tick')

    assert Journal(tmp_path, "next").waiting == [ending(1)]


async def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "me")
    await journal.add(ending())
    journal.close()

    assert (tmp_path / "me.jsonl").stat().st_mode & 0o077 == 0


async def test_a_full_disk(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Given a folder that cannot be written / I expect the result kept in memory, and said so."""
    journal = Journal(tmp_path / "calls", "me")
    (tmp_path / "calls").rmdir()

    await journal.add(ending())

    assert journal.waiting == [ending()]
    assert "cannot be written" in caplog.text
