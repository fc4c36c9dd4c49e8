"""Holds calls back while their pool has no room.

The room is counted in Redis, for all lore_services (jobs/store/lua/lib/pools.lua). Here calls wait
in order, and the first asks again when the pool may have room. Few requests are sent before the
first answers, so that a provider refuses few.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from time import monotonic
from typing import Any

from loresmith.jobs.core.errors import ServiceUnavailable
from loresmith.jobs.core.settings.providers import RateLimits
from loresmith.jobs.core.status import Phase
from loresmith.lore_service.ledger.ledger import IntentReply, PoolWait
from loresmith.lore_service.ledger.pools import Pools
from loresmith.lore_service.providers.errors import CallError, CallFailure, unavailable
from loresmith.lore_service.providers.rate_limits import RateLimit, limit_kind

FIRST_WINDOW, REFUSED_WINDOW, WINDOW_GROWTH = 6, 2, 0.5
"""Requests that may be unanswered at once at first, and after a refusal, and how many more for each
accepted one."""
ACCEPTED_AFTER_S = 1.0
"""A request that was not refused by then counts as accepted; its text may come much later."""
MAX_HOLD_S = 3.0
"""How long a call waits here; its job then waits without a thread."""
MAX_START_HOLD_S = 30.0
"""The same while only answers to the first requests are waited for."""
MAX_REOPENS_S, MIN_PAUSE_S = 60.0, 1e-6
CONFIGURE_INTERVAL_S = 3600.0
"""Between two writes of the limits of the providers file: Redis forgets an unused pool in a day."""
MAX_QUEUES = 1000
"""Pools of this process, above which those without calls are dropped."""
LIMITS_INTERVAL_S = 5.0
"""Between two notes of the same limits, unless little is left of one."""
LITTLE = 0.15
FULL = unavailable("The rate limit of the model is used up; nothing was bought.")
AWAY = unavailable("The provider is away; nothing was bought.")
STARTING = unavailable("Too many calls start at once; nothing was bought.")

Ask = Callable[[], Awaitable[IntentReply]]


class PoolQueue:
    """The calls of this process to one pool."""

    def __init__(
        self, name: str, pools: Pools, limits: RateLimits, clock: Callable[[], float] = monotonic
    ) -> None:
        self._name, self._pools, self._limits = name, pools, limits
        self._clock = clock
        self._configured: asyncio.Task[None] | None = None
        self._configured_at = 0.0
        self._window, self._unanswered = float(FIRST_WINDOW), 0
        self._first = asyncio.Lock()
        """Held by the call that waits for the pool; the others wait for it, in order."""
        self._waiting = 0
        self._may_go = asyncio.Event()
        """Set when a request was answered, or a call has ended."""
        self._wait: tuple[float, PoolWait] | None = None
        """What the pool last waited for, and when it may have room."""
        self._refusal: CallFailure | None = None
        self._noted_limits: dict[str, int] = {}
        self._noted_at = 0.0

    @property
    def is_open(self) -> bool:
        """Whether a call may ask at once."""
        return not self._waiting and self._has_window and self._remaining_s() <= 0

    async def enter(self, ask: Ask) -> "tuple[IntentReply, Admission | None]":
        """Asks for room until there is some. The caller must end its admission, if it may send.

        Raises CallError when that takes too long.
        """
        await self._configure()
        if self.is_open and (entered := await self._ask(ask)):
            return entered
        hold_s = MAX_HOLD_S if self._wait else MAX_START_HOLD_S
        deadline = self._clock() + hold_s
        self._waiting += 1
        try:
            if self._remaining_s() <= hold_s:
                async with asyncio.timeout(hold_s):
                    await self._first.acquire()
                try:
                    return await self._ask_until(deadline, ask)
                finally:
                    self._first.release()
        except TimeoutError:
            pass
        finally:
            self._waiting -= 1
        raise CallError(self._timed_out())

    @property
    def is_idle(self) -> bool:
        """Whether it has no calls, and nothing to wait for."""
        return not self._waiting and self._unanswered <= 0 and self._remaining_s() <= 0

    def note_limits(self, limits: Sequence[RateLimit]) -> None:
        """Notes the limits in the head of an answer, unless they are known."""
        sizes: dict[str, int]
        sizes, now = {each.kind: each.limit for each in limits}, self._clock()
        is_little = any(each.left < LITTLE * each.limit for each in limits)
        is_due = now - self._noted_at > LIMITS_INTERVAL_S or sizes != self._noted_limits
        if limits and (is_little or is_due):
            self._noted_limits, self._noted_at = sizes, now
            parts = [(each.kind, each.limit, each.left, each.reset_ms) for each in limits]
            _in_background(self._pools.note_limits(self._name, parts))

    def accepted(self) -> None:
        """Notes that the provider has accepted a request."""
        self._unanswered -= 1
        self._window += WINDOW_GROWTH
        self._may_go.set()

    async def ended(self, refusal: CallFailure | None, age_s: float, *, was_accepted: bool) -> None:
        """Notes that a call has ended, or was refused."""
        if refusal:
            self._refusal, self._window = refusal, float(REFUSED_WINDOW)
            phase = refusal.waiting_phase or Phase.WAITING_PROVIDER
            await self._pools.note_refusal(
                self._name,
                phase,
                limit_kind(refusal.message),
                int(age_s * 1000),
                refusal.retry_after_ms,
                self._unanswered,
            )
        self._unanswered -= not was_accepted
        if self._wait and self._wait[1].reason == "concurrency":
            self._wait = (self._clock(), self._wait[1])
        self._may_go.set()

    @property
    def _has_window(self) -> bool:
        return self._unanswered + 1 <= self._window

    def _remaining_s(self) -> float:
        """Returns how long the pool has no room; 0 for less than a clock may show."""
        remaining_s = self._wait[0] - self._clock() if self._wait else 0.0
        return remaining_s if remaining_s > MIN_PAUSE_S else 0.0

    async def _ask(self, ask: Ask) -> "tuple[IntentReply, Admission | None] | None":
        admission = Admission(self, self._clock)
        self._unanswered += 1
        try:
            reply = await ask()
        except BaseException:
            self._unanswered -= 1
            raise
        if reply.wait:
            self._unanswered -= 1
            self._wait = (self._clock() + reply.wait.ms / 1000, reply.wait)
            return None
        if reply.outcome != "go":  # nothing is sent, so a call that is followed holds back no other
            self._unanswered -= 1
            return reply, None
        return reply, admission

    async def _ask_until(self, deadline: float, ask: Ask) -> "tuple[IntentReply, Admission | None]":
        """Asks whenever there may be room. Raises TimeoutError; never while it asks."""
        while True:
            if self._has_window and self._remaining_s() <= 0 and (entered := await self._ask(ask)):
                return entered
            left_s = deadline - self._clock()
            if left_s <= 0 or self._remaining_s() > left_s:
                raise TimeoutError
            self._may_go.clear()
            pause_s = max(0.0, self._remaining_s()) if self._has_window else left_s
            going = asyncio.ensure_future(self._may_go.wait())
            await asyncio.wait([going], timeout=pause_s)
            going.cancel()

    async def _configure(self) -> None:
        """Writes the limits of the providers file, now and then."""
        is_due = self._clock() - self._configured_at > CONFIGURE_INTERVAL_S
        if self._configured is None or is_due:
            self._configured_at = self._clock()
            configure = self._pools.configure(self._name, self._limits)
            self._configured = asyncio.ensure_future(configure)
        await asyncio.shield(self._configured)

    def _timed_out(self) -> CallFailure:
        """Returns the failure of a call that waited for too long, with the time of its turn.

        A provider that asks for more time than a job has left fails it; our own limits do not.
        """
        if self._wait is None:
            return replace(STARTING, may_try_another=True)
        wait = self._wait[1]
        remaining_s = max(0.0, self._remaining_s())
        reopens_s = min(MAX_REOPENS_S, remaining_s + self._waiting * wait.ms / 1000)
        if wait.phase == Phase.WAITING_PROVIDER:
            failure, phase = self._refusal or AWAY, Phase.WAITING_PROVIDER
        else:
            failure, phase = FULL, Phase.RATE_LIMITED
        asked_ms = int(min(wait.asked_ms, remaining_s * 1000))
        return replace(
            failure,
            waiting_phase=phase,
            retry_after_ms=asked_ms,
            reopens_ms=int(reopens_s * 1000),
            may_try_another=True,
        )


class Admission:
    """The right to send one call."""

    def __init__(self, queue: PoolQueue, clock: Callable[[], float]) -> None:
        self._queue, self._clock = queue, clock
        self._entered_at = clock()
        self._accepted = False
        self._timer: asyncio.TimerHandle | None = None

    def sent(self) -> None:
        """Notes that the request leaves now."""
        self._timer = asyncio.get_running_loop().call_later(ACCEPTED_AFTER_S, self.accepted)

    def accepted(self) -> None:
        """Notes that the provider has accepted the request."""
        if not self._accepted:
            self._accepted = True
            self._queue.accepted()

    async def end(self, failure: CallFailure | None) -> None:
        """Notes that the call has ended; `failure`: how, unless it succeeded or was not sent."""
        if self._timer:
            self._timer.cancel()
        refusal = failure if failure and _is_refusal(failure) else None
        age_s = self._clock() - self._entered_at
        await self._queue.ended(refusal, age_s, was_accepted=self._accepted)


class PoolQueues:
    """The queues of all pools of this process."""

    def __init__(self, pools: Pools) -> None:
        self._pools = pools
        self._queues: dict[str, PoolQueue] = {}

    def of(self, pool: str, limits: RateLimits) -> PoolQueue:
        """Returns the queue of a pool."""
        if pool not in self._queues:
            if len(self._queues) >= MAX_QUEUES:
                self._queues = {k: v for k, v in self._queues.items() if not v.is_idle}
            self._queues[pool] = PoolQueue(pool, self._pools, limits)
        return self._queues[pool]


_background: set[asyncio.Task[None]] = set()


def _in_background(coroutine: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(coroutine)
    _background.add(task)
    task.add_done_callback(_background.discard)


def _is_refusal(failure: CallFailure) -> bool:
    is_passing = failure.retryable and not failure.may_be_bought
    return failure.code == ServiceUnavailable.code and is_passing
