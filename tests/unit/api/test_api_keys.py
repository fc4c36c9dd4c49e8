"""API keys: who is let in, with which rights, and when no longer."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from fakeredis import FakeAsyncRedis, FakeServer

from loresmith.api.auth.api_key_store import ApiKeyStore
from loresmith.api.auth.api_keys import CACHE_S, ApiKeyCheck
from loresmith.api.auth.failure_limit import MAX_FAILURES, WINDOW_S, FailureLimit
from loresmith.api.auth.key_format import BASE62, id_of, new_key, new_key_id
from loresmith.api.http.problems import Problem
from loresmith.api.schemas.keys import KeyRequest
from loresmith.jobs.core.principal import Principal
from loresmith.jobs.store import keys
from loresmith.jobs.store.pipeline import StoreUnavailable
from tests.unit.api.credentials import DAY_S
from tests.unit.api.harness import FakePipeline, api_harness

MINUTE = 60.0
pytestmark = pytest.mark.anyio


class CountingPipeline(FakePipeline):
    """Counts the commands that reach Redis."""

    def __init__(self) -> None:
        super().__init__(FakeAsyncRedis(server=FakeServer(), decode_responses=True))
        self.commands = 0
        self.is_away = False

    async def execute(self, *command: Any, acknowledged: bool = False) -> Any:
        self.commands += 1
        if self.is_away:
            raise StoreUnavailable("Redis is unavailable")
        return await super().execute(*command, acknowledged=acknowledged)


class Keys:
    """A check with clocks of its own, and the store behind it."""

    def __init__(self) -> None:
        self.pipeline = CountingPipeline()
        self.store = ApiKeyStore(self.pipeline)
        self.now = 0.0
        self.wall: float | None = None
        self.check = ApiKeyCheck(self.store, lambda: self.now, self._clock)

    def _clock(self) -> float:
        import time

        return time.time() if self.wall is None else self.wall

    async def create(self, **terms: Any) -> str:
        return (await self.store.create(KeyRequest(**{"name": "ci"} | terms), "local"))[1]

    async def principal(self, key: str) -> Principal:
        principal = await self.check.authenticate(key)
        assert principal
        return principal

    async def rejection(self, key: str) -> Problem:
        with pytest.raises(Problem) as raised:
            await self.check.authenticate(key)
        return raised.value


@pytest.fixture
def api_keys() -> Keys:
    return Keys()


def test_a_key_is_recognised_without_redis() -> None:
    key_id = new_key_id()
    key = new_key(key_id)
    other = BASE62[(BASE62.index(key[20]) + 1) % 62]

    assert len(key) == len("lore_") + 8 + 1 + 30 + 6
    assert id_of(key) == key_id
    assert id_of(key[:20] + other + key[21:]) is None
    assert id_of(key[:-1]) is None
    assert id_of(f"{key}\n") is None


async def test_a_key_is_its_principal(api_keys: Keys) -> None:
    key = await api_keys.create(team_id="sea", scopes=["jobs:read"], user_id="mira")

    principal = await api_keys.principal(key)

    assert (principal.user_id, principal.team_id, principal.role) == ("mira", "sea", "member")
    assert principal.scopes == {"jobs:read"}
    assert principal.key_id == id_of(key)
    assert principal.id == f"key:{id_of(key)}"


async def test_a_key_without_a_user_is_a_user_of_its_own(api_keys: Keys) -> None:
    first = await api_keys.principal(await api_keys.create())
    second = await api_keys.principal(await api_keys.create())

    assert first.user_id != second.user_id


async def test_the_secret_is_not_stored(api_keys: Keys) -> None:
    key = await api_keys.create()

    record = await api_keys.pipeline.execute("HGETALL", keys.api_key(id_of(key) or ""))

    assert key[14:44] not in str(record)


async def test_wrong_texts_cost_no_command(api_keys: Keys) -> None:
    for text in ("lore_", "lore_x", "lore_" + "a" * 45, "lore_é"):
        problem = await api_keys.rejection(text)
        assert problem.code == "unauthorized"
    assert await api_keys.check.authenticate("sk-of-somebody-else") is None
    assert api_keys.pipeline.commands == 0


async def test_an_unknown_id_and_a_wrong_secret_look_the_same(api_keys: Keys) -> None:
    key = await api_keys.create()

    unknown = await api_keys.rejection(new_key(new_key_id()))
    wrong = await api_keys.rejection(new_key(id_of(key) or ""))

    assert unknown.detail == wrong.detail
    assert unknown.headers["WWW-Authenticate"] == "Bearer"


async def test_a_cached_key_costs_no_command(api_keys: Keys) -> None:
    key = await api_keys.create()
    await api_keys.principal(key)
    await asyncio.sleep(0)
    before = api_keys.pipeline.commands

    await asyncio.gather(*(api_keys.principal(key) for _ in range(100)))
    await api_keys.check.any()

    assert api_keys.pipeline.commands - before <= 1 + 1  # the note of its use; whether any exists


async def test_a_revoked_key_is_forgotten_when_its_change_arrives(api_keys: Keys) -> None:
    key = await api_keys.create()
    await api_keys.principal(key)
    key_id = id_of(key) or ""

    await api_keys.store.revoke(key_id)
    api_keys.check.forget(key_id)

    assert "revoked" in (await api_keys.rejection(key)).detail


async def test_a_revoked_key_is_forgotten_after_seconds_anyway(api_keys: Keys) -> None:
    """Given a change that never arrives / I expect the record to be read again."""
    key = await api_keys.create()
    await api_keys.principal(key)
    await api_keys.store.revoke(id_of(key) or "")

    api_keys.now += CACHE_S

    assert "revoked" in (await api_keys.rejection(key)).detail


async def test_what_was_read_before_a_change_is_not_kept_after_it(api_keys: Keys) -> None:
    key = await api_keys.create()
    key_id = id_of(key) or ""
    read = asyncio.create_task(api_keys.principal(key))
    await asyncio.sleep(0)
    api_keys.check.forget(key_id)
    await read

    await api_keys.store.revoke(key_id)

    assert "revoked" in (await api_keys.rejection(key)).detail


async def test_nobody_is_let_in_without_redis(api_keys: Keys) -> None:
    """Given Redis is away / I expect the cache to serve for its seconds, and then a failure."""
    key = await api_keys.create()
    await api_keys.principal(key)
    await api_keys.check.any()
    api_keys.pipeline.is_away = True

    await api_keys.principal(key)
    api_keys.now += CACHE_S

    with pytest.raises(StoreUnavailable):
        await api_keys.principal(key)


async def test_whether_keys_exist_is_not_guessed_without_redis(api_keys: Keys) -> None:
    assert not await api_keys.check.any()
    api_keys.pipeline.is_away = True
    api_keys.now += CACHE_S

    with pytest.raises(StoreUnavailable):
        await api_keys.check.any()


async def test_a_key_expires(api_keys: Keys) -> None:
    key = await api_keys.create(expires_in=DAY_S)
    await api_keys.principal(key)
    api_keys.wall = api_keys._clock() + DAY_S

    assert "expired" in (await api_keys.rejection(key)).detail


async def test_both_secrets_work_until_the_overlap_ends(api_keys: Keys) -> None:
    old = await api_keys.create()
    key_id = id_of(old) or ""

    _, new = await api_keys.store.rotate(key_id, overlap_s=3_600)

    by_old, by_new = await api_keys.principal(old), await api_keys.principal(new)
    assert (by_old.id, by_old.user_id) == (by_new.id, by_new.user_id)
    hour_ms = (by_old.ends_ms or 0) - api_keys._clock() * 1000
    assert 3_590_000 < hour_ms < 3_610_000, "streams of the old secret end with it"
    assert by_new.ends_ms == by_new.expires_ms
    api_keys.wall = api_keys._clock() + 3_600
    assert (await api_keys.principal(new)).key_id == key_id
    assert (await api_keys.rejection(old)).code == "unauthorized"


async def test_each_secret_has_a_last_use(api_keys: Keys) -> None:
    """Given a rotation / I expect to see that the old secret is still in use."""
    old = await api_keys.create()
    key_id = id_of(old) or ""
    _, new = await api_keys.store.rotate(key_id, overlap_s=3_600)

    await api_keys.principal(old)
    await asyncio.gather(*api_keys.check._tasks)

    key = await api_keys.store.read(key_id)
    assert key
    assert key.used_ms is None
    assert key.previous_used_ms
    await api_keys.principal(new)


async def test_a_key_has_requests_a_minute(api_keys: Keys) -> None:
    key = await api_keys.create(rpm=3)
    api_keys.wall = api_keys._clock() // MINUTE * MINUTE + 20
    for _ in range(3):
        await api_keys.principal(key)

    problem = await api_keys.rejection(key)

    assert (problem.code, problem.headers["Retry-After"]) == ("rate-limited", "40")
    api_keys.wall += 40
    await api_keys.principal(key)


def test_failures_are_counted_by_address() -> None:
    now = 0.0
    limit = FailureLimit(clock=lambda: now)

    waits = [limit.count("10.0.0.1") for _ in range(MAX_FAILURES + 1)]

    assert waits == [0] * MAX_FAILURES + [int(WINDOW_S)]
    assert limit.count("10.0.0.2") == 0
    now = WINDOW_S
    assert limit.count("10.0.0.1") == 0


def test_a_server_without_keys_is_open_on_loopback_only(tmp_path: Path) -> None:
    with api_harness(tmp_path) as api:
        assert api.get("/jobs").status_code == 200
    with api_harness(tmp_path, auth="required") as api:
        assert api.get("/jobs").status_code == 401
    with api_harness(tmp_path, public=True) as api:
        reply = api.get("/jobs")
    assert (reply.status_code, reply.json()["code"]) == (401, "unauthorized")
    assert reply.headers["www-authenticate"] == "Bearer"


async def test_a_rotation_whose_answer_was_lost_can_be_repeated(api_keys: Keys) -> None:
    """Given a new secret that nobody has used / when the key is rotated again
    / I expect the secret that clients still use to stay valid.
    """
    old = await api_keys.create()
    key_id = id_of(old) or ""
    await api_keys.store.rotate(key_id, overlap_s=3_600)

    _, new = await api_keys.store.rotate(key_id, overlap_s=3_600)

    assert (await api_keys.principal(old)).id == (await api_keys.principal(new)).id
