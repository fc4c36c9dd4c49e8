"""Who a request acts for. A principal comes from a credential, never from a field of a body."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

ON_BEHALF_OF: Literal["on-behalf-of"] = "on-behalf-of"
"""The scope of a credential that acts for other users."""
Role = Literal["viewer", "member", "admin"]
"""viewer: reads; member: also creates and changes jobs of its own; admin: everything of everybody.
"""


@dataclass(frozen=True)
class Principal:
    """A user or a machine that has proved who it is."""

    id: str
    """The credential, for the audit and the logs: `local`, `key:<id>`, `oidc:<subject>`."""
    user_id: str
    """Owns the jobs that it creates."""
    team_id: str | None = None
    role: Role = "member"
    scopes: frozenset[str] | None = None
    """What the credential is narrowed to; None: all that its role allows."""
    key_id: str | None = None
    """The API key whose own budget and rate limit apply."""
    expires_ms: int | None = None
    """When the API key expires, to warn of it in time."""
    name: str = ""
    """What people call it: the name of the key, or of the user at the identity provider."""
    session_id: str | None = None
    """The browser session that it came in, by its SHA-256."""
    ends_ms: int | None = None
    """When the credential ends, and with it the streams that it has opened."""
    key_digest: str | None = field(default=None, repr=False)
    """The SHA-256 of the secret of the API key: a key has two while it is rotated."""
    maker_id: str | None = None
    """The credential that has made a job token."""
    job_id: str | None = None
    """The only job that a job token reaches."""
    sees_team: bool = False
    """Whether it reads the jobs of its team, beside its own."""

    @property
    def actor(self) -> str:
        """Who did something to a job, for people: the credential, and its name where it has one."""
        return f"{self.id} ({self.name})" if self.name else self.id

    @property
    def counted_as(self) -> str:
        """The credential whose streams count: tokens count as their maker, who can make many."""
        return self.maker_id or self.id

    @property
    def acts_for_others(self) -> bool:
        """Whether it may create jobs of other users: a backend that serves many of them."""
        return self.role == "admin" if self.scopes is None else ON_BEHALF_OF in self.scopes

    @property
    def delegate(self) -> str | None:
        """The mark of the jobs that it creates for others, by which it finds them again."""
        return self.id if self.acts_for_others and self.role != "admin" else None

    @property
    def listed_by(self) -> tuple[str, str] | None:
        """The index, as its field and value, of the jobs that it lists; None: of all jobs."""
        if self.job_id is not None:
            return "id", self.job_id  # an index without jobs: a job token lists nothing
        if self.role == "admin":
            return None
        if self.delegate:
            return "delegate", self.delegate
        return self.archived_by

    @property
    def archived_by(self) -> tuple[str, str] | None:
        """The same in the archive, which does not know who acted for whom."""
        if self.role == "admin" and self.job_id is None:
            return None
        if self.sees_team and self.team_id:
            return "team_id", self.team_id
        return "user_id", self.user_id

    def owns(self, record: Mapping[str, str]) -> bool:
        """Returns whether it may change a job, from the owner in its record."""
        if self.job_id is not None:
            return record.get("id") == self.job_id
        if self.role == "admin" or record.get("user_id") == self.user_id:
            return True
        return self.delegate is not None and record.get("delegate") == self.delegate

    def lists(self, fields: Mapping[str, str]) -> bool:
        """Returns whether it sees an event in a list, from the owner among its fields."""
        return self.listed_by is None or fields.get(self.listed_by[0]) == self.listed_by[1]

    def reads(self, record: Mapping[str, str]) -> bool:
        """Returns whether it may read a job, from `user_id` and `team_id` of its record."""
        reads_team = self.sees_team and self.team_id is not None and self.job_id is None
        return self.owns(record) or (reads_team and record.get("team_id") == self.team_id)


LOCAL = Principal(id="local", user_id="local", role="admin")
"""Everybody who reaches a server on loopback that has no keys and no identity provider."""
