"""Users of an api, each with a key of its own."""

from typing import Any

from httpx2 import Response

from tests.unit.api.credentials import bearer
from tests.unit.api.harness import BODY, ApiHarness


class User:
    """A client with a key of its own."""

    def __init__(self, api: ApiHarness, user_id: str, team_id: str | None = None, **terms: Any):
        self.api = api
        self.key = api.new_key(user_id=user_id, team_id=team_id, **terms)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        sent = bearer(self.key) | {name.replace("_", "-"): headers[name] for name in headers}
        return self.api.client.request(method, path, json=body, headers=sent)

    def create(self, body: dict[str, Any] = BODY, **fields: Any) -> str:
        reply = self.ask("POST", "/jobs", body | fields)
        assert reply.status_code == 202, reply.text
        return str(reply.json()["id"])

    def end(self, **fields: Any) -> str:
        """Creates a job that has ended."""
        job_id = self.create(**fields)
        self.api.scripts.claim(job_id)
        self.api.scripts.finish(job_id, result="{}")
        return job_id

    def listed(self, query: str = "") -> list[str]:
        return [job["id"] for job in self.ask("GET", f"/jobs?{query}").json()["jobs"]]
