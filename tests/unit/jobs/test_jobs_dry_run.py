"""What an estimate finds out about a job type with plain code, without running that code."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from loresmith.jobs.costs.dry_run import MAX_STEPS, DryRunContext
from loresmith.jobs.costs.estimator import CostForecast, calls_of
from loresmith.jobs.costs.prices import ModelPrice, Prices
from loresmith.jobs.costs.rough_estimate import rough_tokens
from loresmith.jobs.statistics.token_usage import TokenUsageModel
from loresmith.jobs.types import registry
from loresmith.jobs.types.base import JobType, Step
from loresmith.jobs.types.builtin import generate_characters

PRICES = Prices({"own": ModelPrice(input_per_mtok=Decimal(1), output_per_mtok=Decimal(2))})
SPEC = generate_characters.JOB_TYPE.specs[0]
PAYLOAD = generate_characters.CharactersPayload(theme="fantasy", count=2)


def job_type(
    run: Callable[[Any, Any], Any], sample: dict[str, Any] | None = None, specs: Any = ()
) -> JobType[Any]:
    """Returns a type whose first step is plain code, with a sample or without."""
    samples: dict[str, Any] = {"sample": sample} if sample else {}
    steps = (Step("read", "Reading...", 1, **samples), Step("write", "Writing...", 5))
    return replace(
        generate_characters.JOB_TYPE, name="read_mail", run=run, steps=steps, specs=specs
    )


def never() -> None:
    raise AssertionError("an estimate runs no code of a step")


def forecast(kind: JobType[Any]) -> CostForecast:
    return CostForecast("own", calls_of(kind, PAYLOAD), PRICES)


def test_a_type_without_a_model_call_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = job_type(lambda payload, context: context.step("read", never))
    monkeypatch.setitem(registry.JOB_TYPES, kind.name, kind)

    estimate = forecast(kind)

    assert (estimate.calls, estimate.expected, estimate.max_cost) == ((), 0, 0)
    assert rough_tokens(kind.name, PAYLOAD, TokenUsageModel()) == 0


def test_a_sample_leads_to_the_calls_behind_its_step() -> None:
    def run(payload: Any, context: Any) -> Any:
        mail = context.step("read", never)
        context.progress(50, "half")
        context.log.info("read", count=1)
        context.raise_if_cancelled()
        context.save("t", mail)
        input = payload.model_copy(update={"theme": mail["theme"]})
        return context.call("write", SPEC, input)

    kind = job_type(run, sample={"theme": "a harbour"})

    assert [call.step for call in forecast(kind).calls] == ["write"]
    assert forecast(kind).max_cost


def test_without_a_sample_the_own_specs_of_a_type_count() -> None:
    """Given a step without a sample before the call, which even catches every exception
    / I expect the call of its spec's example.
    """

    def run(payload: Any, context: Any) -> Any:
        try:
            mail = context.step("read", never)
        except Exception:
            raise AssertionError("nothing to catch") from None
        return context.call("write", SPEC, mail)

    kind = job_type(run, specs=(SPEC,))

    assert [call.step for call in forecast(kind).calls] == ["generate_characters"]


def test_a_request_ends_a_dry_run() -> None:
    def run(payload: Any, context: Any) -> Any:
        context.http.get("http://a.example/")
        raise AssertionError("no request is sent")

    dry_run = DryRunContext(0)

    assert not dry_run.ends(job_type(run), PAYLOAD)


def test_a_type_that_polls_ends_its_dry_run_too() -> None:
    polls = []

    def run(payload: Any, context: Any) -> Any:
        while not context.step("read", never)["done"]:
            polls.append(1)

    assert not DryRunContext(0).ends(job_type(run, sample={"done": False}), PAYLOAD)
    assert len(polls) == MAX_STEPS


def test_a_sample_that_is_changed_stays_as_it_was() -> None:
    def run(payload: Any, context: Any) -> Any:
        context.step("read", never)["list"].append(1)

    kind = job_type(run, sample={"list": []})

    assert DryRunContext(0).ends(kind, PAYLOAD)
    assert kind.steps[0].sample == {"list": []}


def test_a_type_that_leaves_does_not_end_the_api() -> None:
    def run(payload: Any, context: Any) -> Any:
        raise SystemExit(1)

    assert not DryRunContext(0).ends(job_type(run), PAYLOAD)
