"""A client that waits for jobs while the api is killed and restarted."""

import asyncio
from pathlib import Path
from threading import Thread

import pytest

from loresmith import AsyncClient, Client
from loresmith.client.models import Job
from tests.stack import stack
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e


def texts(updates: list[Job]) -> list[str]:
    """Returns the texts of the updates before the end."""
    running = [job for job in updates if not job.ended]
    all_texts = [(job.partial_result or {}).get("text") or "" for job in running]
    return [text for text in all_texts if text]


def test_no_text_is_lost_when_the_api_is_killed(tmp_path: Path) -> None:
    """Given a client that waits for a job / when the api is killed and restarted meanwhile
    / I expect the text to grow from its start to its end without loss or repetition.
    """
    updates: list[Job] = []
    with stack(tmp_path, seconds=12) as system, Client(system.url) as client:
        job_id = system.submit("generate_relics", theme="salt")
        completed: list[Job] = []
        waiting = Thread(
            target=lambda: completed.append(client.wait(job_id, on_update=updates.append))
        )
        waiting.start()
        wait_until(lambda: len(texts(updates)) >= 2, "some text has arrived")
        before = len(texts(updates))
        system["api"].kill()
        system["api"].start()
        waiting.join(60)
        stored = system.generated_text(job_id)

    received = texts(updates)
    assert completed[0].completed
    assert len(received) > before, "text arrived after the restart"
    assert all(stored.startswith(text) for text in received), "no loss, no repetition"
    assert [len(text) for text in received] == sorted(len(text) for text in received)


def test_several_jobs_are_waited_for_at_once(tmp_path: Path) -> None:
    async def wait_for_all(url: str, ids: list[str]) -> list[Job]:
        async with AsyncClient(url) as client:
            return list(await asyncio.gather(*(client.wait(job_id) for job_id in ids)))

    with stack(tmp_path, seconds=0.5) as system:
        ids = [system.submit("generate_relics", theme=f"salt {n}") for n in range(5)]
        jobs = asyncio.run(wait_for_all(system.url, ids))

    assert [job.id for job in jobs] == ids
    assert all(job.completed for job in jobs)
