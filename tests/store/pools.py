"""Calls the functions of jobs/store/lua/lib/pools.lua, which scripts use."""

from typing import Any

from redis import Redis

from loresmith.jobs.store import keys
from loresmith.jobs.store.scripts import script, with_prelude

MINUTE_MS = 60_000


class Pool:
    """One pool, at times that the test chooses."""

    def __init__(self, redis: Redis, name: str = "openai/gpt-9") -> None:
        self.redis: Any = redis
        self.name = name

    def limit(self, **fields: int) -> None:
        """Writes fields of the hash, for example `set_requests`."""
        self.redis.hset(keys.pool(self.name), mapping=fields)

    def field(self, name: str) -> str | None:
        value: str | None = self.redis.hget(keys.pool(self.name), name)
        return value

    def wait(self, now: int, tokens: int = 100) -> tuple[int, str]:
        """Returns the ms to wait and the reason; 0 and '' when a request may be sent."""
        ms, *reason = self._run("{ pool_wait(ARGV[1], tonumber(ARGV[2]), now) }", now, tokens)
        return ms, reason[0] if reason else ""

    def take(self, holder: str, now: int, tokens: int = 100, place_ends: int = 10**12) -> None:
        code = "pool_take(ARGV[1], ARGV[2], tonumber(ARGV[3]), now, tonumber(ARGV[4]))"
        self._run(code, now, holder, tokens, place_ends)

    def give_back(self, holder: str, now: int, used: int | str = "") -> tuple[int, bool]:
        """Returns the tokens that were too many, and whether the holder had a place."""
        used_tokens = "tonumber(ARGV[3]) or (ARGV[3] ~= '' and ARGV[3] or nil)"
        code = f"{{ pool_give_back(ARGV[1], ARGV[2], now, {used_tokens}) }}"
        difference, *had = self._run(code, now, holder, used)
        return difference, bool(had and had[0])

    def renew(self, holder: str, place_ends: int) -> None:
        self._run("pool_renew(ARGV[1], ARGV[2], tonumber(ARGV[3]))", 0, holder, place_ends)

    def closed(self, now: int) -> tuple[str, int]:
        """Returns why it is closed, and the ms that its provider asks to wait."""
        reason, asked_ms = self._run("{ pool_closed(ARGV[1], now) }", now)
        return reason, asked_ms

    def refused(
        self, now: int, phase: str = "rate_limited", kind: str = "requests", age_ms: int = 0,
        asked_ms: int = 0, unanswered: int = 1,
    ) -> None:  # fmt: skip
        """Notes a refusal, as pools/note_refusal does."""
        source = script("pools/note_refusal").source
        self._at(now, source, phase, kind, age_ms, asked_ms, unanswered)

    def note_limit(self, now: int, kind: str, limit: int, left: int, reset_ms: int) -> None:
        """Notes a limit of the headers, as pools/note_limits does."""
        self._at(now, script("pools/note_limits").source, kind, limit, left, reset_ms)

    def takes_at(self, now: int, most: int = 100, tokens: int = 100) -> int:
        """Sends what may be sent at a time; returns how many requests that were."""
        taken = 0
        while taken < most and self.wait(now, tokens)[0] == 0:
            self.take(f"{now}/{taken}", now, tokens)
            taken += 1
        return taken

    def _at(self, now: int, source: str, *arguments: Any) -> None:
        """Runs a script at a time."""
        fixed = source.replace("local now = now_ms()", f"local now = {now}")
        self.redis.eval(fixed, 0, self.name, *arguments)

    def _run(self, code: str, now: int, *arguments: Any) -> Any:
        source = with_prelude(f"local now = {now}\nreturn {code}")
        return self.redis.eval(source, 0, self.name, *arguments)
