"""A result that the ledger cannot take survives the process."""

import asyncio
from pathlib import Path

import pytest

from loresmith.lore_service.ledger.journal import Journal
from loresmith.lore_service.ledger.ledger import Settlement

pytestmark = pytest.mark.anyio


def settlement(number: int = 1) -> Settlement:
    return Settlement(f"j{number}/s/0", "t", "done", {"text": "Ænd\nnext line"})


async def add_and_die(directory: Path, *numbers: int) -> None:
    """A process that died with settlements in its journal."""
    journal = Journal(directory, "dead")
    await asyncio.gather(*(journal.add(settlement(number)) for number in numbers))
    journal.close()


async def test_the_next_process_takes_over(tmp_path: Path) -> None:
    await add_and_die(tmp_path, 1, 2)

    assert Journal(tmp_path, "next").waiting == [settlement(1), settlement(2)]


async def test_a_live_process_keeps_its_file(tmp_path: Path) -> None:
    """Given a live process / when another starts in the folder / I expect nothing taken over."""
    live = Journal(tmp_path, "live")
    await live.add(settlement())

    assert Journal(tmp_path, "next").waiting == []
    live.close()


async def test_files_are_deleted_with_the_last_settlement(tmp_path: Path) -> None:
    """Given settlements of its own and of a dead process / when all are removed / I expect no
    file.
    """
    await add_and_die(tmp_path, 1)
    journal = Journal(tmp_path, "next")
    await journal.add(settlement(2))

    journal.remove([settlement(1)])
    assert len(list(tmp_path.iterdir())) == 2
    journal.remove([settlement(2)])

    assert list(tmp_path.iterdir()) == []


async def test_an_emptied_journal_works_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "me")
    await journal.add(settlement(1))
    journal.remove([settlement(1)])

    await journal.add(settlement(2))
    journal.close()

    assert Journal(tmp_path, "next").waiting == [settlement(2)]


async def test_many_at_once(tmp_path: Path) -> None:
    """Given a hundred settlements at the same moment / I expect every one of them on the disk."""
    await add_and_die(tmp_path, *range(100))

    call_ids = {each.call_id for each in Journal(tmp_path, "next").waiting}
    assert call_ids == {f"j{number}/s/0" for number in range(100)}


async def test_a_line_cut_off_by_a_crash_is_skipped(tmp_path: Path) -> None:
    await add_and_die(tmp_path, 1)
    with (tmp_path / "dead.jsonl").open("ab") as file:
        file.write(b'\n{"call_id": "j2/s/0", "fenc')

    assert Journal(tmp_path, "next").waiting == [settlement(1)]


async def test_half_a_surrogate_pair_is_stored(tmp_path: Path) -> None:
    """Given text that UTF-8 cannot encode / I expect the settlement on the disk all the same."""
    journal = Journal(tmp_path, "dead")
    await journal.add(Settlement("j/s/0", "t", "done", {"text": "x\ud83d"}))
    await journal.add(settlement(2))
    journal.close()

    assert [each.call_id for each in Journal(tmp_path, "next").waiting] == ["j/s/0", "j2/s/0"]


async def test_a_refused_settlement_is_set_aside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Given a settlement that the ledger never takes / I expect it in a file for people, and the
    journal empty, also for the next process.
    """
    journal = Journal(tmp_path, "me")
    await journal.add(settlement())

    journal.set_aside(settlement(), "WRONGTYPE")

    assert journal.waiting == Journal(tmp_path, "next").waiting == []
    assert '"reason": "WRONGTYPE"' in (tmp_path / "me.refused").read_text()
    assert "j1/s/0" in caplog.text
    assert (tmp_path / "me.refused").stat().st_mode & 0o077 == 0


async def test_only_its_user_may_read_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "me")
    await journal.add(settlement())
    journal.close()

    assert (tmp_path / "me.jsonl").stat().st_mode & 0o077 == 0


async def test_a_settlement_stays_in_memory_when_the_disk_fails(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal = Journal(tmp_path / "calls", "me")
    (tmp_path / "calls").rmdir()

    await journal.add(settlement())

    assert journal.waiting == [settlement()]
    assert "cannot be written" in caplog.text
