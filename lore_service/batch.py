"""Script calls that wait together go to Redis together: one pipeline, one fsync for all of them."""

import asyncio
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import NoScriptError, RedisError

from jobs.scripts import Script, script

MOST = 128
"""Script calls in one pipeline, so that nobody waits long behind the others."""


class Batch:
    """Runs the scripts of jobs/lua. Who comes while a pipeline is under way joins the next one."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._waiting: list[tuple[asyncio.Future[Any], Script, list[Any]]] = []
        self._sending: asyncio.Task[None] | None = None

    async def run(self, name: str, keys: list[str], *arguments: Any) -> Any:
        """The reply of a script. Raises RedisError; then it may have run all the same."""
        answer = asyncio.get_running_loop().create_future()
        self._waiting.append((answer, script(name), [len(keys), *keys, *arguments]))
        if self._sending is None:
            self._sending = asyncio.create_task(self._send_all())
        return await answer

    async def _send_all(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                await self._send(group)
        finally:
            self._sending = None

    async def _send(self, group: list[tuple[asyncio.Future[Any], Script, list[Any]]]) -> None:
        replies = await self._pipeline(
            [("EVALSHA", lua.sha, *arguments) for _, lua, arguments in group]
        )
        strangers = [i for i, reply in enumerate(replies) if isinstance(reply, NoScriptError)]
        if strangers:
            again = [("EVAL", group[i][1].source, *group[i][2]) for i in strangers]
            for i, reply in zip(strangers, await self._pipeline(again), strict=True):
                replies[i] = reply
        for (answer, _, _), reply in zip(group, replies, strict=True):
            if answer.done():
                continue
            if isinstance(reply, Exception):
                answer.set_exception(reply)
            else:
                answer.set_result(reply)

    async def _pipeline(self, commands: list[tuple[Any, ...]]) -> list[Any]:
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                for command in commands:
                    pipe.execute_command(*command)
                return await pipe.execute(raise_on_error=False)
        except (RedisError, OSError) as error:
            return [error] * len(commands)
