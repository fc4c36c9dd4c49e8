"""Who may do what: every route of OpenAPI × 8 principals × an object of each of two teams."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from httpx2 import Response

from loresmith.api.auth.failure_limit import FailureLimit
from loresmith.api.auth.key_format import id_of
from loresmith.api.events.broadcaster import Subscriber, SubscriptionClosed
from loresmith.archive import WorldRecord, open_archive
from loresmith.archive.tables import EndedJob
from loresmith.jobs.core.job_record import new_id
from loresmith.jobs.store import keys
from tests.unit.api.access_rules import CHAT, RULES, AccessCell, AccessRule
from tests.unit.api.credentials import bearer
from tests.unit.api.harness import BODY, ApiHarness, IdleBroadcaster, api_harness

TEAMS = {"acme": "ann", "beta": "bob"}
"""The user of each team who owns its objects."""
ROLES = {
    "other": "member",
    "viewer": "viewer",
    "member": "member",
    "session": "member",
    "admin": "admin",
}
PRINCIPALS = ("none", *ROLES, "revoked", "expired")
USERS = {"other": ("bob", "beta"), "admin": ("root", None)}
"""The user and team of a principal; of the others ann of acme."""
MISSING = {
    "job": new_id(), "world": new_id(), "budget": "absent",
    "chat": f"chatcmpl-{'0' * 32}", "response": f"resp_{'0' * 32}",
}  # fmt: skip
OPENAI_JOBS = {
    "chat": ("chatcmpl-", {"type": "chat_completion", "payload": CHAT}),
    "response": ("resp_", {"type": "response", "payload": {"input": "Hello"}}),
}
ANSWER = '{"content":"Hi","refusal":null,"tool_calls":[],"finish_reason":"stop"}'
"""A result of such a job, and good enough for others."""


class EndingSubscriber(Subscriber):
    """Receives no event: its stream ends after what it begins with."""

    async def next(self) -> Any:
        raise SubscriptionClosed


class AccessApi:
    """An api that demands credentials, with a key of each principal and objects of two teams."""

    def __init__(self, api: ApiHarness, folder: Path) -> None:
        self.api = api
        self.keys = {name: self._key(name) for name in PRINCIPALS if name != "none"}
        self.owners = {"acme": self.keys["member"], "beta": self.keys["other"]}
        self.worlds = dict(zip(TEAMS, (new_id(), new_id()), strict=True))
        self._folder = folder
        self._fill_archive()
        for user in TEAMS.values():
            self.ask("admin", "PUT", f"/budgets/user/{user}", {"limit": 5.0})
        admin = bearer(self.keys["admin"])
        assert api.client.delete(f"/keys/{id_of(self.keys['revoked'])}", headers=admin).is_success
        expired = keys.api_key(id_of(self.keys["expired"]) or "")
        api.scripts.redis.hset(expired, "expires_ms", 1)

    def _key(self, principal: str) -> str:
        user, team = USERS.get(principal, ("ann", "acme"))
        role = ROLES.get(principal, "member")
        return self.api.new_key(role=role, user_id=user, team_id=team)

    def _fill_archive(self) -> None:
        now = datetime.now(UTC)
        with open_archive(f"sqlite:///{self._folder}/worlds.db") as archive:
            for team, world_id in self.worlds.items():
                user = TEAMS[team]
                archive.worlds.save(
                    WorldRecord(
                        id=world_id, user_id=user, title="t", theme="f", model="m",
                        created_at=now, content={},
                    )
                )  # fmt: skip
                archive.history.save([ended_job(world_id, user, team, now)])

    def ask(self, principal: str, method: str, path: str, body: Any = None) -> Response:
        key = self.keys.get(principal)
        headers = bearer(key) if key else {}
        if key and principal == "session":
            headers = self.session(key)
        return self.api.client.request(method, path, json=body, headers=headers)

    def session(self, key: str) -> dict[str, str]:
        """Logs in, and returns what the page then sends."""
        login = self.api.client.post("/session", json={"key": key})
        self.api.client.cookies.clear()
        cookie = login.headers["set-cookie"].partition(";")[0]
        return {"Cookie": cookie, "Sec-Fetch-Site": "same-origin"}

    def job(self, team: str, state: str, body: Any = BODY) -> str:
        """Creates a job of a team in a state, with an id of the client's."""
        job_id = new_id()
        headers = bearer(self.owners[team])
        created = self.api.client.put(f"/jobs/{job_id}", json=body, headers=headers)
        assert created.status_code == 202, created.text
        if state != "pending":
            self.api.scripts.claim(job_id)
            self.api.scripts.finish(job_id, outcome=state, result=ANSWER)
        return job_id

    def object_id(self, rule: AccessRule, team: str) -> str:
        """Returns the id of an object of a team that the route of a rule may be asked about."""
        if rule.of == "world":
            return self.worlds[team]
        if rule.of in ("budget", "user"):
            return TEAMS[team]
        if rule.of == "key":
            return id_of(self.api.new_key()) or ""
        if rule.of in OPENAI_JOBS:
            prefix, body = OPENAI_JOBS[rule.of]
            return prefix + self.job(team, rule.state, body).replace("-", "")
        if rule.of == "none" and not rule.shows:
            return "anything"
        return self.job(team, rule.state)

    def request(self, route: str, principal: str, team: str, id: str) -> Response:
        """Asks a route about an object."""
        method, path = route.split(" ")
        rule = RULES[route]
        if route in ("GET /budgets", "DELETE /budgets/{scope}/{id}"):
            for user in TEAMS.values():
                self.ask("admin", "PUT", f"/budgets/user/{user}", {"limit": 5.0})
        if "/worlds" in route:
            self._fill_archive()  # what the erasure of a user has deleted
        if "/limits/" in route:
            self.ask("admin", "PUT", "/limits/pools/gpt-9", {"concurrency": 5})
            self.ask("admin", "PUT", f"/limits/owners/user/{id}", {"weight": 2.0})
        names = {"{id}": id, "{scope}": "user", "{code}": "forbidden", "{path}": "loresmith.css"}
        names |= {"{pool}": "gpt-9"}
        for name, value in names.items():
            path = path.replace(name, value)
        query = rule.query.replace("{user}", TEAMS[team])
        return self.ask(principal, method, f"{path}?{query}" if query else path, rule.body)

    def shown(self, route: str, team: str, job_id: str) -> str:
        """Returns the text by which a list shows the object of a team."""
        return {
            "GET /jobs": job_id,
            "GET /events": job_id,
            "GET /budgets": f'"id":"{TEAMS[team]}"',
            "GET /usage": f'"key":"{TEAMS[team]}"',
            "GET /worlds": self.worlds[team],
        }[route]


def ended_job(job_id: str, user: str, team: str, at: datetime) -> EndedJob:
    """A job in the archive: of the world with its id."""
    texts = {"type": "create_world", "model": "m", "session_id": "", "status": "completed"}
    known: dict[str, Any] = {"id": job_id, "user_id": user, "team_id": team, **texts}
    known |= {"created_at": at, "completed_at": at, "revision": 1}
    numbers = EndedJob.__dataclass_fields__.keys() - known.keys()
    return EndedJob(**known, **dict.fromkeys(numbers, 1))


@contextmanager
def access_api(folder: Path, **settings: Any) -> Iterator[AccessApi]:
    with api_harness(folder, auth="required", **settings) as harness:
        yield AccessApi(harness, folder)


@pytest.fixture
def ending_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams end after their backlog, and failed authentications are not counted."""

    @contextmanager
    def subscribe(_: object, accepts: Any, topic: str = "") -> Iterator[Subscriber]:
        yield EndingSubscriber(accepts)

    async def ready(_: object) -> None:
        pass

    monkeypatch.setattr(IdleBroadcaster, "subscribe", subscribe)
    monkeypatch.setattr(IdleBroadcaster, "ready", ready)
    monkeypatch.setattr(FailureLimit, "count", lambda *_: 0)


@pytest.fixture
def access(tmp_path: Path, ending_streams: None) -> Iterator[AccessApi]:
    with access_api(tmp_path, v1_wait_s=0.01) as api:
        yield api


def test_every_route_has_a_rule(access: AccessApi) -> None:
    paths = access.api.get("/openapi.json").json()["paths"]
    routes = {f"{method.upper()} {path}" for path in paths for method in paths[path]}

    assert routes == RULES.keys()


@pytest.mark.thorough
def test_the_matrix(access: AccessApi, capsys: pytest.CaptureFixture[str]) -> None:
    """Given each route, each principal and an object of each team / I expect the status of the
    rule, and a list to show the object exactly to whom may see it.
    """
    wrong: list[str] = []
    statuses: Counter[int] = Counter()
    for route, rule in RULES.items():
        for principal in PRINCIPALS:
            for team in TEAMS:
                is_own = USERS.get(principal, ("ann", "acme"))[1] == team
                cell = AccessCell(principal, ROLES.get(principal, ""), is_own)
                id = access.object_id(rule, team)
                reply = access.request(route, principal, team, id)
                statuses[reply.status_code] += 1
                expected = rule.expected(cell)
                if reply.status_code != expected:
                    wrong.append(f"{route} {principal} {team}: {reply.status_code}, not {expected}")
                if rule.shows and reply.is_success:
                    is_shown = access.shown(route, team, id) in reply.text.replace('": ', '":')
                    if is_shown != rule.is_visible(cell):
                        wrong.append(f"{route} {principal} {team}: shown is {is_shown}")

    size = f"{len(RULES)} routes x {len(PRINCIPALS)} principals x {len(TEAMS)} teams"
    results = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()))
    with capsys.disabled():
        print(f"\naccess matrix: {size}: {statuses.total()} cells, {len(wrong)} wrong; {results}")
    assert wrong == []


OWNED = [
    route
    for route, rule in RULES.items()
    if rule.of in MISSING and rule.role != "admin" and route != "PUT /jobs/{id}"
]
"""Routes whose object is another's, or does not exist; PUT takes an id that is free."""


@pytest.mark.parametrize("route", OWNED)
def test_another_s_object_costs_the_commands_of_none(access: AccessApi, route: str) -> None:
    """Given an object of another user and none at all / when a member asks for both
    / I expect the same answer, by the same Redis commands.
    """
    rule = RULES[route]
    foreign, missing = access.object_id(rule, "beta"), MISSING[rule.of]
    access.request(route, "member", "acme", missing)

    first, second = (asked(access, route, id) for id in (foreign, missing))

    assert first == second
    assert first[0] == 404


def asked(access: AccessApi, route: str, id: str) -> tuple[int, str, list[list[str]]]:
    """Returns the status, the body and the commands of a request, without the id."""
    pipeline, commands = access.api.pipeline, []
    digits = id.rpartition("-" if id.startswith("chatcmpl-") else "_")[2]
    names = {id, str(UUID(hex=digits))} if len(digits) == 32 else {id}
    execute = pipeline.execute

    def without_id(text: str) -> str:
        for name in names:
            text = text.replace(name, "ID")
        return text

    async def recording(*command: Any, acknowledged: bool = False) -> Any:
        commands.append([without_id(str(part)) for part in command])
        return await execute(*command, acknowledged=acknowledged)

    pipeline.execute = recording  # type: ignore[method-assign]
    try:
        reply = access.request(route, "member", "acme", id)
    finally:
        del pipeline.execute
    body = json.loads(reply.text.replace(id, "ID"))
    return reply.status_code, json.dumps(body | {"request_id": ""}), commands
