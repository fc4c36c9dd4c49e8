"""Requests that OpenAI's SDK sends again are one purchase, whatever was cut or killed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import openai
import pytest
from openai import OpenAI

from tests.e2e.crash_stack import CrashStack, crash_stack
from tests.e2e.openai_programs import MODEL, job_of
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CrashStack]:
    with crash_stack(tmp_path_factory.mktemp("retries")) as system:
        yield system


@pytest.fixture
def system(running: CrashStack) -> Iterator[CrashStack]:
    yield running
    running.restore()


def ask(system: CrashStack, text: str, **options: Any) -> Any:
    """Asks as a program does, with the SDK's own retries."""
    messages: Any = [{"role": "user", "content": text}]
    with OpenAI(base_url=f"{system.url}/v1", api_key="any", **options) as client:
        return client.chat.completions.create(model=MODEL, messages=messages)


def jobs_about(system: CrashStack, text: str) -> list[dict[str, Any]]:
    status, page = system.get("/jobs?type=chat_completion&limit=100")
    assert status == 200
    records = (system.record(job["id"]) | {"id": job["id"]} for job in page["jobs"])
    return [record for record in records if text in record["payload"]]


def bills(system: CrashStack, job_id: str) -> list[int]:
    return [count for call, count in system.bills().items() if call.startswith(job_id)]


def test_a_client_with_a_short_timeout_pays_once(system: CrashStack) -> None:
    """Given a client that waits for half a second, twice as often as it retries / I expect the
    answer of its first request, and one purchase.
    """
    text = "fault:slow the brook of a short timeout"

    completion = ask(system, text, timeout=0.7, max_retries=20)

    (job,) = jobs_about(system, text)
    assert job_of(system, completion.id)["id"] == job["id"]
    assert bills(system, job["id"]) == [1]


@pytest.mark.parametrize(("part", "end"), [("api", "kill"), ("api", "stop"), ("worker", "kill")])
def test_a_lost_process_costs_nothing(system: CrashStack, part: str, end: str) -> None:
    """Given a client that waits / when a process is killed with -9, or stopped, and started again
    / I expect the answer of the one job, bought once, and that it can be read by its id.
    """
    text = f"fault:slow the brook of the {part} with {end}"
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(ask, system, text, timeout=20, max_retries=8)
        (job,) = wait_until(lambda: jobs_about(system, text), "the job is stored")
        wait_until(lambda: system.model_call(job["id"])["billed"], "the call is bought")
        getattr(system[part], end)()
        system.restart(part)
        completion = waiting.result(timeout=60)

    assert job_of(system, completion.id)["id"] == job["id"]
    assert len(jobs_about(system, text)) == 1
    assert bills(system, job["id"]) == [1]
    with OpenAI(base_url=f"{system.url}/v1", api_key="any") as client:
        assert client.chat.completions.retrieve(completion.id) == completion


def test_a_call_in_doubt_is_not_bought_again(system: CrashStack) -> None:
    """Given a client that waits / when the lore_service is killed during the call
    / I expect an error that the SDK does not repeat, and one purchase.
    """
    text = "fault:slow the brook in doubt"
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(ask, system, text, timeout=40, max_retries=8)
        (job,) = wait_until(lambda: jobs_about(system, text), "the job is stored")
        wait_until(lambda: system.model_call(job["id"])["billed"], "the call is bought")
        system["lore"].kill()
        system.restart("lore")
        with pytest.raises(openai.APIStatusError) as caught:
            waiting.result(timeout=60)

    assert caught.value.code == "llm_outcome_unknown"
    assert caught.value.response.headers["x-should-retry"] == "false"
    assert len(jobs_about(system, text)) == 1
    assert bills(system, job["id"]) == [1]
