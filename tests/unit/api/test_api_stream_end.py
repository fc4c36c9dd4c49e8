"""An event stream ends with the credential that has opened it."""

import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from fakeredis import FakeAsyncRedis
from starlette.requests import Request

from loresmith.api.auth.authenticator import unauthorized
from loresmith.api.auth.guard import RouteGuard
from loresmith.api.auth.key_format import id_of
from loresmith.api.auth.oidc import LEEWAY_S, OidcCheck
from loresmith.api.events.broadcaster import EventBroadcaster, Subscriber
from loresmith.api.events.sse import EventStream
from loresmith.api.http.principals import confirmed_principal
from loresmith.api.http.problems import Problem
from loresmith.jobs.core.principal import LOCAL, Principal
from loresmith.jobs.core.settings import Settings
from loresmith.jobs.store import keys
from tests.unit.api.credentials import bearer
from tests.unit.api.harness import IdleBroadcaster, api_harness

pytestmark = pytest.mark.anyio


async def silence() -> AsyncIterator[bytes]:
    await asyncio.Event().wait()
    yield b""


@pytest.mark.parametrize(("ends_in_s", "ends"), [(0.02, True), (-1, True), (60, False)])
async def test_a_stream_ends_with_its_credential(ends_in_s: float, ends: bool) -> None:
    subscriber = Subscriber(lambda _: True)
    ends_ms = round((time.time() + ends_in_s) * 1000)
    subscriber.set_principal(Principal(id="key:1", user_id="ann", ends_ms=ends_ms))
    stream = EventStream(subscriber, ExitStack(), b"", silence())

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(_: Any) -> None:
        pass

    running = asyncio.create_task(stream({"type": "http", "method": "GET"}, receive, send))
    done, _ = await asyncio.wait({running}, timeout=2 if ends else 0.1)

    assert bool(done) is ends
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


ANN = Principal(id="key:1", user_id="ann", key_id="1")


@pytest.mark.parametrize(
    ("principal", "ends"),
    [
        (LOCAL, True),
        (ANN, False),
        (Principal(id="key:2", user_id="bob", key_id="2"), True),
        (Principal(id="oidc:eve", user_id="eve"), False),
    ],
)
async def test_the_change_of_a_key_ends_its_streams(principal: Principal, ends: bool) -> None:
    """And those of who had no key: with the first one the server closes."""
    broadcaster = EventBroadcaster(FakeAsyncRedis())
    broadcaster._last_id = "0-0"
    with broadcaster.subscribe(lambda _: True) as subscriber:
        subscriber.set_principal(principal)

        broadcaster._receive(keys.API_KEY_CHANGES, ("1-0", {"id": "2"}))

        assert subscriber.closed is ends


class Keys:
    """A credential that the test ends."""

    changes = 0
    revoked = False

    async def authenticate(self, request: Request) -> Principal:
        if self.revoked:
            raise unauthorized("revoked")
        return ANN


class Access:
    scope = "jobs:read"
    job_token = False


@pytest.mark.parametrize("revoked", [False, True])
async def test_a_credential_that_ends_before_the_subscription_opens_no_stream(
    revoked: bool,
) -> None:
    """Given a change after the authentication, of which no subscriber could hear / I expect it to
    be noticed once there is one.
    """
    known = Keys()

    async def stream(scope: Any, receive: Any, send: Any) -> None:
        known.changes, known.revoked = 1, revoked
        assert await confirmed_principal(Request(scope)) == ANN

    guard = RouteGuard(stream, known, Access(), None, sees_team=False)  # type: ignore[arg-type]
    scope = {"type": "http", "method": "GET", "path": "/events", "headers": []}
    if revoked:
        with pytest.raises(Problem):
            await guard(scope, None, None)  # type: ignore[arg-type]
    else:
        await guard(scope, None, None)  # type: ignore[arg-type]


class Verifier:
    """Takes every token; the test says when it ends."""

    def __init__(self, exp: Any) -> None:
        self._exp = exp

    async def claims(self, token: str, audience: str) -> dict[str, Any]:
        return {"sub": "ann", "exp": self._exp}


async def test_a_stream_of_a_bearer_token_ends_with_the_token() -> None:
    principal = await OidcCheck(Settings(), Verifier(1_000)).authenticate("a.b.c")  # type: ignore[arg-type]

    assert principal
    assert principal.ends_ms == (1_000 + LEEWAY_S) * 1_000


@pytest.mark.parametrize("exp", [math.nan, math.inf, "1000"])
async def test_a_token_that_never_ends_is_none(exp: Any) -> None:
    with pytest.raises(Problem):
        await OidcCheck(Settings(), Verifier(exp)).authenticate("a.b.c")  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["/events", "/jobs/{id}/events"])
def test_no_stream_is_opened_by_a_key_that_was_revoked_meanwhile(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HEAD, because a stream that is opened would not end."""
    monkeypatch.setattr(IdleBroadcaster, "start", lambda self: setattr(self, "_last_id", "0-0"))
    with api_harness(tmp_path, auth="required") as api:
        key = api.new_key()
        job_id = api.submit(**bearer(key)).json()["id"]
        path = path.format(id=job_id)
        assert api.client.head(path, headers=bearer(key)).status_code == 200
        subscribe = EventBroadcaster.subscribe

        def revoke_first(self: EventBroadcaster, *arguments: Any) -> Any:
            api.scripts.redis.hset(keys.api_key(id_of(key) or ""), "revoked_ms", 1)
            self._receive(keys.API_KEY_CHANGES, ("1-0", {"id": id_of(key) or ""}))
            return subscribe(self, *arguments)

        monkeypatch.setattr(IdleBroadcaster, "subscribe", revoke_first)

        assert api.client.head(path, headers=bearer(key)).status_code == 401
