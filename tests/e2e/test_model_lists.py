"""`options.model: "a|b"`: two offline models, of which the first takes no request."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e.crash_stack import SHORT_TIMES, CrashStack
from tests.integration.offline_process import OfflineModel, offline_model
from tests.stack import request
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e

FIRST, SECOND = "first/m", "second/offline-lore-1"
LIST = f"{FIRST}|{SECOND}"
PROVIDERS = """
[first]
base_url = "{first}/v1"
[first.prices.m]
input_per_mtok = 1
output_per_mtok = 2
[second]
base_url = "{second}/v1"
[second.prices.offline-lore-1]
input_per_mtok = 3
output_per_mtok = 4
[unpriced]
base_url = "{second}/v1"
"""


@dataclass
class System:
    """A stack with two offline models."""

    stack: CrashStack
    first: OfflineModel

    def submit(self, model: str = LIST, **options: Any) -> tuple[int, dict[str, Any]]:
        payload = {"theme": "salt", "count": 1}
        body = {"type": "generate_characters", "payload": payload}
        return self.stack.post("/jobs", body | {"options": {"model": model} | options})

    def completed(self, **options: Any) -> dict[str, Any]:
        status, job = self.submit(**options)
        assert status == 202, job
        job = self.stack.wait_for(job["id"])
        assert job["status"] == "completed", job
        return job

    def calls(self, job_id: str) -> list[dict[str, Any]]:
        return list(self.stack.get(f"/jobs/{job_id}/calls")[1]["calls"])

    def billed(self, job_id: str) -> tuple[int, int]:
        """Returns how often each of the two was paid for the job."""
        call_id = f"{job_id}/generate/0"
        return int(self.first.call(call_id)["billed"]), self.stack.bills().get(call_id, 0)

    def fault(self, fault: str, **fields: Any) -> None:
        self.first.request("PUT", "/faults", {"fault": fault, **fields})

    def spent(self, model: str) -> float:
        budgets = self.stack.get("/budgets")[1]["budgets"]
        return float(next(each["spent"] for each in budgets if each["id"] == model))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("lists")
    with offline_model("--seconds", "0.2") as first:
        env = SHORT_TIMES | {
            "LORESMITH_PROVIDERS": str(folder / "providers.toml"),
            "LORESMITH_MODEL": SECOND,
        }
        stack = CrashStack(folder, seconds=0.2, workers_wanted=2, env=env)
        text = PROVIDERS.format(first=first.url, second=stack.offline_url)
        (folder / "providers.toml").write_text(text)
        try:
            stack.start()
            yield System(stack, first)
        finally:
            stack.stop()


@pytest.fixture
def system(running: System) -> Iterator[System]:
    yield running
    running.first.request("DELETE", "/faults")
    running.stack["lore"].kill()  # it remembers pools that are closed
    running.stack.restore()
    running.stack.redis.delete(*(running.stack.redis.keys("pool:*") or ["none"]))


def test_the_first_model_that_is_open_answers(system: System) -> None:
    job = system.completed()

    assert job["model"] == FIRST
    assert system.billed(job["id"]) == (1, 0)
    assert system.calls(job["id"])[0]["refusals"] == []


@pytest.mark.parametrize(
    "fault",
    [{"fault": "rate", "retry_after_s": 30}, {"fault": "quota"}, {"fault": "status", "status": 503}]
    + [{"fault": "status", "status": status} for status in (401, 404)],
    ids=str,
)
def test_the_next_model_answers_where_nothing_was_bought(
    system: System, fault: dict[str, Any]
) -> None:
    """Given a first model that takes no request / I expect the answer of the second, one bill, and
    the call to say who refused.
    """
    system.fault(**fault)

    job = system.completed()

    assert job["model"] == SECOND
    assert system.billed(job["id"]) == (0, 1)
    (call,) = system.calls(job["id"])
    assert (call["state"], call["provider"]) == ("done", "second")
    assert [each["model"] for each in call["refusals"]] == [FIRST]


def test_an_unknown_outcome_is_no_reason_to_ask_another(system: System) -> None:
    """Given a first model that is billed and breaks off / I expect the job to fail, and the second
    to be sent nothing.
    """
    system.fault("cut")
    job = system.stack.wait_for(system.submit()[1]["id"])

    assert job["error_detail"]["code"] == "llm_outcome_unknown"
    assert system.billed(job["id"]) == (1, 0)


def test_budgets_and_statistics_are_those_of_the_model_that_answered(system: System) -> None:
    """Given budgets of both models / I expect the dearest to be reserved in both, and the cost in
    that of the second only.
    """
    for model in (FIRST, SECOND):
        url = f"{system.stack.url}/budgets/model/{model.replace('/', '%2F')}"
        request("PUT", url, {"limit": 50, "window": "total", "mode": "hard"})
    before = system.spent(FIRST), system.spent(SECOND)
    system.fault("rate", retry_after_s=30)

    job = system.completed()

    assert system.spent(FIRST) == before[0]
    assert system.spent(SECOND) == pytest.approx(before[1] + job["cost"]["actual"])
    assert job["cost"]["actual"] > 0
    assert job["cost"]["estimate_max"] > job["cost"]["actual"]
    lists = [key for key in system.stack.redis.keys("durations:*") if "|" in key]
    assert lists == []
    assert system.stack.redis.exists(f"durations:generate_characters:{SECOND}")


def test_while_all_are_away_the_job_waits(system: System) -> None:
    """Given two models that are busy / I expect the job to wait, and to complete by the one that is
    back first.
    """
    system.fault("rate", retry_after_s=30)
    url = f"{system.stack.offline_url}/faults"
    request("PUT", url, {"fault": "rate", "retry_after_s": 1, "times": 2})

    job = system.completed()

    assert job["model"] == SECOND
    assert job["retries"] == 0
    assert system.billed(job["id"]) == (0, 1)


def test_a_crash_between_two_models(system: System) -> None:
    """Given a lore_service that is killed after the refusal of the first model / I expect the job
    to complete by the second, bought once.
    """
    system.fault("rate", retry_after_s=30)
    system.stack.crash_at("lore", "L7")
    job_id = system.submit()[1]["id"]
    system.stack.wait_for_crash("lore")
    system.stack.restart("lore")

    job = system.stack.wait_for(job_id)

    assert (job["status"], job["model"]) == ("completed", SECOND)
    assert system.billed(job_id) == (0, 1)
    assert len(system.calls(job_id)) == 1


def test_a_crash_while_the_next_model_writes(system: System) -> None:
    """Given a lore_service that is killed after the second model began / I expect an unknown call,
    and no purchase at any model.
    """
    system.fault("rate", retry_after_s=30)
    system.stack.crash_at("lore", "L2")
    job_id = system.submit()[1]["id"]
    system.stack.wait_for_crash("lore")
    system.stack.restart("lore")

    job = system.stack.wait_for(job_id)

    assert job["error_detail"]["code"] == "llm_outcome_unknown"
    assert system.billed(job_id)[0] == 0
    assert system.stack.bills().get(f"{job_id}/generate/0", 0) <= 1


@pytest.mark.parametrize(
    ("model", "detail"),
    [
        (f"{SECOND}|frist/m", "no provider frist"),
        (f"{SECOND}|{SECOND}", "twice"),
        (f"{SECOND}|unpriced/m", "unpriced/m has none"),
        (f"{SECOND}|", "pattern"),
        ("|".join(f"first/m{i}" for i in range(6)), "pattern"),
    ],
)
def test_a_list_that_does_not_fit(system: System, model: str, detail: str) -> None:
    status, problem = system.submit(model)

    assert status in (400, 422)
    assert problem["errors"][0]["pointer"] == "/options/model"
    assert detail in json.dumps(problem["errors"])


def test_the_queue_shows_the_pools_of_a_list(system: System) -> None:
    """Given both pools closed / I expect a waiting job with the reason of its pools."""
    for pool in (FIRST, SECOND):
        system.stack.redis.hset(f"pool:{pool}", "closed_until_ms", 10**14)
    job_id = system.submit()[1]["id"]

    def waits() -> bool:
        waiting = system.stack.job(job_id).get("waiting") or {}
        return waiting.get("reason") == "pool_closed"

    wait_until(waits, "the job waits for its pools")
    system.stack.post(f"/jobs/{job_id}/cancel", {})
