"""Somebody who stays and watches, while the server is taken away and comes back."""

import asyncio
from pathlib import Path
from threading import Thread

import pytest

from loresmith import AsyncClient, Client
from loresmith.job import Job
from tests.stack import stack
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e


def texts(seen: list[Job]) -> list[str]:
    found = [(job.partial_result or {}).get("text") or "" for job in seen if not job.ended]
    return [text for text in found if text]


def test_a_watcher_loses_no_text_when_the_api_is_killed(tmp_path: Path) -> None:
    """Given a client that follows a job / when the api is killed in its middle and started again
    / I expect the text to have grown from its start to its end, each piece once.
    """
    seen: list[Job] = []
    with stack(tmp_path, seconds=6) as system, Client(system.url) as client:
        job_id = system.submit("generate_relics", theme="salt")
        done: list[Job] = []
        waiting = Thread(target=lambda: done.append(client.wait(job_id, on_update=seen.append)))
        waiting.start()
        wait_until(lambda: len(texts(seen)) >= 2, "it has heard some text")
        before = len(texts(seen))
        system["api"].kill()
        system["api"].start()
        waiting.join(60)
        stored = system.redis.hget(f"call:{job_id}/generate/0", "text")

    heard = texts(seen)
    assert done[0].completed
    assert len(heard) > before, "it went on hearing"
    assert all(stored.startswith(text) for text in heard), "nothing missing, nothing twice"
    assert [len(text) for text in heard] == sorted(len(text) for text in heard)


def test_several_are_watched_at_once(tmp_path: Path) -> None:
    async def watch_all(url: str, ids: list[str]) -> list[Job]:
        async with AsyncClient(url) as client:
            return list(await asyncio.gather(*(client.wait(job_id) for job_id in ids)))

    with stack(tmp_path, seconds=0.5) as system:
        ids = [system.submit("generate_relics", theme=f"salt {n}") for n in range(5)]
        done = asyncio.run(watch_all(system.url, ids))

    assert [job.id for job in done] == ids
    assert all(job.completed for job in done)
