"""Job tokens: short-lived credentials for one job, to give to a browser.

They are random, and stored by their hash: unlike signed ones they need no secret that all api
processes share, and one that is known to Redis alone ends where Redis says so.
"""

import hashlib
import secrets
import time
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ValidationError

from loresmith.api.auth.api_keys import ApiKeyCheck
from loresmith.api.auth.authenticator import JOB_TOKEN, ended_as, unauthorized
from loresmith.jobs.core.principal import LOCAL, Principal, Role
from loresmith.jobs.store import keys
from loresmith.jobs.store.pipeline import PipelineBatcher

TOKEN_BYTES = 32

JobAction = Literal["read", "cancel"]
SCOPES: dict[JobAction, str] = {"read": "jobs:read", "cancel": "jobs:write"}


class JobToken(BaseModel):
    """A token as it is stored."""

    job_id: str
    actions: list[JobAction]
    maker: str
    """The id of the principal that made it."""
    key_id: str | None
    """The API key of its maker, with which it ends."""
    key_digest: str | None = None
    """The SHA-256 of the secret that was used, with which it ends too."""
    user_id: str
    team_id: str | None
    ends_ms: int


@dataclass(frozen=True)
class JobTokenStore:
    """Creates and reads tokens. Every method raises StoreUnavailable."""

    pipeline: PipelineBatcher

    async def create(
        self, job_id: str, actions: list[JobAction], lifetime_s: float, maker: Principal
    ) -> tuple[str, JobToken]:
        """Returns the token, and what is stored of it. It ends with its maker's credential."""
        text = JOB_TOKEN + secrets.token_urlsafe(TOKEN_BYTES)
        now_ms = round(time.time() * 1000)
        ends_ms = now_ms + round(lifetime_s * 1000)
        if maker.ends_ms is not None:
            ends_ms = min(ends_ms, max(maker.ends_ms, now_ms + 1))
        token = JobToken(
            job_id=job_id,
            actions=actions,
            maker=maker.id,
            key_id=maker.key_id,
            key_digest=maker.key_digest,
            user_id=maker.user_id,
            team_id=maker.team_id,
            ends_ms=ends_ms,
        )
        record = token.model_dump_json()
        await self.pipeline.execute("SET", _name(text), record, "PX", ends_ms - now_ms)
        return text, token

    async def read(self, text: str) -> JobToken | None:
        """Returns None for an unknown token, and for one that has ended."""
        record = await self.pipeline.execute("GET", _name(text))
        try:
            return JobToken.model_validate_json(record or "")
        except ValidationError:
            return None


class JobTokenCheck:
    """Makes principals of job tokens, which reach their job only."""

    def __init__(self, store: JobTokenStore, api_keys: ApiKeyCheck) -> None:
        self._store = store
        self._api_keys = api_keys

    async def authenticate(self, credential: str) -> Principal | None:
        """Returns None for other credentials. Raises Problem, StoreUnavailable."""
        if not credential.startswith(JOB_TOKEN):
            return None
        token = await self._store.read(credential)
        if token is None or token.maker == LOCAL.id:
            raise unauthorized("The job token is not valid, or has expired. Get a new one.")
        if token.key_id:
            await self._require_key(token.key_id, token.key_digest)
        role: Role = "member" if "cancel" in token.actions else "viewer"
        return Principal(
            id=f"{token.maker}/job/{token.job_id}",
            user_id=token.user_id,
            team_id=token.team_id,
            role=role,
            scopes=frozenset(SCOPES[action] for action in token.actions),
            key_id=token.key_id,
            ends_ms=token.ends_ms,
            maker_id=token.maker,
            job_id=token.job_id,
        )

    async def _require_key(self, key_id: str, digest: str | None) -> None:
        """Raises Problem for a token of an ended key or secret, or over the limit of the key."""
        with ended_as(
            "The job token has ended: the API key that made it was revoked, has expired or has "
            "a new secret. Get a new one."
        ):
            await self._api_keys.count_for(key_id, digest)


def _name(text: str) -> str:
    return keys.job_token(hashlib.sha256(text.encode()).hexdigest())
