"""Script calls that wait together travel together, and none gets the answer of another."""

import asyncio
from typing import Any

import pytest
from fakeredis import FakeAsyncRedis, FakeServer
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from jobs import keys
from lore_service.batch import Batch

pytestmark = pytest.mark.anyio


class Redis(FakeAsyncRedis):
    """Counts its pipelines, and can be away."""

    pipelines = 0
    away = False

    def pipeline(self, *args: Any, **kwargs: Any) -> Any:
        self.pipelines += 1
        if self.away:
            raise RedisConnectionError("refused")
        return super().pipeline(*args, **kwargs)


@pytest.fixture
def redis() -> Redis:
    return Redis(server=FakeServer(), decode_responses=True)


async def test_each_gets_its_own_answer(redis: Redis) -> None:
    """Given three hundred calls at once / I expect each answered, in a handful of pipelines."""
    for number in range(300):
        await redis.hset(f"call:{number}", mapping={"state": f"s{number}", "owner": "o"})
    batch = Batch(redis)

    told = await asyncio.gather(
        *(batch.run("call_cancel", [f"call:{number}"]) for number in range(300))
    )

    assert told == [[f"s{number}", "o"] for number in range(300)]
    assert redis.pipelines <= 6


async def test_one_wrong_among_others(redis: Redis) -> None:
    """Given a script that fails on a damaged key / I expect the others in its pipeline unharmed."""
    await redis.set("call:bad", "a string")
    batch = Batch(redis)

    good, bad = await asyncio.gather(
        batch.run("call_cancel", ["call:good"]),
        batch.run("call_cancel", ["call:bad"]),
        return_exceptions=True,
    )

    assert good == ["absent", ""]
    assert isinstance(bad, ResponseError)


async def test_a_server_that_forgot_the_scripts(redis: Redis) -> None:
    batch = Batch(redis)
    await batch.run("call_cancel", [keys.call("a")])
    await redis.script_flush()

    assert await batch.run("call_cancel", [keys.call("a")]) == ["absent", ""]


async def test_nobody_there(redis: Redis) -> None:
    """Given no server / I expect everybody told, and the next call to work once it is back."""
    batch = Batch(redis)
    redis.away = True
    told = await asyncio.gather(
        *(batch.run("call_cancel", ["call:a"]) for _ in range(3)), return_exceptions=True
    )
    assert [type(each) for each in told] == [RedisConnectionError] * 3

    redis.away = False

    assert await batch.run("call_cancel", ["call:a"]) == ["absent", ""]


async def test_an_asker_that_goes_away(redis: Redis) -> None:
    """Given an asker cancelled while its call is under way / I expect the others answered."""
    batch = Batch(redis)
    going = asyncio.create_task(batch.run("call_cancel", ["call:a"]))
    staying = asyncio.create_task(batch.run("call_cancel", ["call:b"]))
    await asyncio.sleep(0)

    going.cancel()

    assert await staying == ["absent", ""]
