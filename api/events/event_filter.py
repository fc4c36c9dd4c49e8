"""The query string of `GET /events`: whose jobs, and which events of them."""

from typing import Annotated

from pydantic import Field

from loresmith.api.events.broadcaster import Fields, owner_topic
from loresmith.api.http.query import CommaSeparated, QueryModel
from loresmith.jobs.core.events import EVENT_TYPES
from loresmith.jobs.core.principal import Principal
from loresmith.jobs.store import keys

DEFAULT_TYPES = frozenset(EVENT_TYPES) - {"delta"}


class EventFilter(QueryModel):
    """Selects events."""

    session_id: str | None = Field(None, description="Only jobs of this session")
    user_id: str | None = Field(None, description="Only jobs of this user")
    types: Annotated[frozenset[str], CommaSeparated(EVENT_TYPES)] = Field(
        default=frozenset(), description=f"With commas: only these of {', '.join(EVENT_TYPES)}"
    )

    @property
    def indexes(self) -> tuple[str, ...]:
        """The Redis keys of the indexes that the jobs are in."""
        values = {"session_id": self.session_id, "user_id": self.user_id}
        return tuple(keys.by(name, value) for name, value in values.items() if value)

    def topic(self, principal: Principal) -> str:
        """Returns what the broadcaster publishes to the principal: the jobs that it lists, or fewer
        where the filter names their user.
        """
        if principal.listed_by:
            return owner_topic(*principal.listed_by)
        return owner_topic("user_id", self.user_id) if self.user_id else ""

    def matches(self, event: Fields) -> bool:
        if self.session_id and event.get("session_id") != self.session_id:
            return False
        if self.user_id and event.get("user_id") != self.user_id:
            return False
        return event["type"] in (self.types or DEFAULT_TYPES)
