"""Kills a process of the product at a crash point, as if by kill -9, or raises an error that quotes
texts of a request.

Python imports this module at start-up when its folder is on PYTHONPATH; `crash_at` in
tests/crash_hook/__init__.py makes such an environment. The product knows nothing of it.
"""

import inspect
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any


@dataclass(frozen=True)
class CrashPoint:
    """Where to crash: before a function runs, or after it returned something true, or None."""

    module: str
    function: str
    """Class and method."""
    before: bool = True


POINTS = {
    # api: the job is stored, not enqueued, and its 202 not sent
    "A3": CrashPoint("loresmith.api.services.job_store", "JobStore.submit", before=False),
    # worker: messages popped, no job claimed
    "Q1": CrashPoint("loresmith.worker.intake.queue_consumer", "QueueConsumer.pop", before=False),
    # worker: claimed, the model call not started
    "W2": CrashPoint("loresmith.worker.model_client.client", "LoreClient.generate"),
    # worker: the call returned, its output is not checkpointed
    "W4": CrashPoint("loresmith.worker.execution.step_checkpoints", "StepCheckpoints._checkpoint"),
    # worker: checkpointed, not finished
    "W5": CrashPoint(
        "loresmith.worker.execution.step_checkpoints", "StepCheckpoints._checkpoint", before=False
    ),
    # worker: finished, RQ's entry not removed
    "W6": CrashPoint(
        "loresmith.worker.execution.execution", "Execution._store_outcome", before=False
    ),
    # lore_service: the intent is recorded, the request not sent
    "L1": CrashPoint("loresmith.lore_service.calls.provider_call", "ProviderCall._stream"),
    # lore_service: the first text has arrived
    "L2": CrashPoint("loresmith.lore_service.calls.provider_call", "ProviderCall._take_text"),
    # lore_service: the provider has the background response, its id is not noted
    "L3": CrashPoint(
        "loresmith.lore_service.calls.provider_call", "ProviderCall._note_response_id"
    ),
    # lore_service: the id is noted, the response not followed
    "L4": CrashPoint(
        "loresmith.lore_service.calls.provider_call",
        "ProviderCall._note_response_id",
        before=False,
    ),
    # lore_service: the whole response is here, not stored
    "L5": CrashPoint(
        "loresmith.lore_service.calls.provider_call", "ProviderCall._stream", before=False
    ),
    # lore_service: the response is stored, not sent to the worker
    "L6": CrashPoint(
        "loresmith.lore_service.ledger.settlement", "CallSettlement.settle", before=False
    ),
    # lore_service: a model of a list took no request, the next is not asked
    "L7": CrashPoint("loresmith.lore_service.calls.call_request", "CallRequest.after_refusal"),
}


def crash() -> None:
    """Kills this process with SIGKILL."""
    os.kill(os.getpid(), signal.SIGKILL)
    signal.pause()


def crashing(function: Callable[..., Any], before: bool) -> Callable[..., Any]:
    """Returns the function with a crash before it, or after it returned something."""

    def crash_after(result: Any) -> Any:
        if result is None or result:
            crash()
        return result

    @wraps(function)
    async def crash_async(*args: Any, **kwargs: Any) -> Any:
        if before:
            crash()
        return crash_after(await function(*args, **kwargs))

    @wraps(function)
    def crash_sync(*args: Any, **kwargs: Any) -> Any:
        if before:
            crash()
        return crash_after(function(*args, **kwargs))

    return crash_async if inspect.iscoroutinefunction(function) else crash_sync


RAISING = {
    "api": CrashPoint("loresmith.api.services.job_store", "JobStore.submit"),
    "worker": CrashPoint("loresmith.worker.execution.job_context", "JobContext.call"),
    "lore": CrashPoint("loresmith.lore_service.providers.pricing", "Pricing.add_cost"),
}
"""Where a request that holds `raise:api` (worker, lore) fails."""


def raising(function: Callable[..., Any], mark: str) -> Callable[..., Any]:
    """Returns the function with an error that quotes its arguments where they hold the mark."""

    def check(self: Any, *args: Any, **kwargs: Any) -> None:
        text = f"{vars(self)} {args} {kwargs}"
        if mark in text:
            try:
                raise ValueError(text)
            except ValueError as error:
                raise RuntimeError(f"cannot work on {text}") from error

    @wraps(function)
    async def raise_async(*args: Any, **kwargs: Any) -> Any:
        check(*args, **kwargs)
        return await function(*args, **kwargs)

    @wraps(function)
    def raise_sync(*args: Any, **kwargs: Any) -> Any:
        check(*args, **kwargs)
        return function(*args, **kwargs)

    return raise_async if inspect.iscoroutinefunction(function) else raise_sync


def patch(module: ModuleType, point: CrashPoint) -> None:
    """Replaces the function of a point. Raises AttributeError when there is none."""
    owner, name = point.function.split(".")
    cls = getattr(module, owner)
    function = getattr(cls, name)
    if part := os.environ.get("TEST_RAISE_IN"):
        setattr(cls, name, raising(function, f"raise:{part}"))
    else:
        setattr(cls, name, crashing(function, point.before))


class PatchingFinder:
    """Patches the module of a crash point once it is imported."""

    def __init__(self, point: CrashPoint) -> None:
        self._point = point

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != self._point.module:
            return None
        spec = PathFinder.find_spec(name, path)
        if spec is None or spec.loader is None:
            return None
        loader: Any = spec.loader
        execute = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            patch(module, self._point)

        loader.exec_module = exec_module
        return spec


if point := os.environ.get("TEST_CRASH_AT"):
    sys.meta_path.insert(0, PatchingFinder(POINTS[point]))  # type: ignore[arg-type]
if part := os.environ.get("TEST_RAISE_IN"):
    sys.meta_path.insert(0, PatchingFinder(RAISING[part]))  # type: ignore[arg-type]
