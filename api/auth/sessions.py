"""Browser sessions in Redis: a random id in a cookie, and the credential that it stands for.

Redis holds the SHA-256 of the id. A session of an API key names the key and the hash of its secret,
and the key is looked up for each request, so that it ends with the key or with that secret.
"""

import hashlib
import secrets
import time

from pydantic import BaseModel, ValidationError

from loresmith.api.auth.authenticator import unauthorized
from loresmith.api.auth.key_format import principal_id_of
from loresmith.api.http.problems import Problem
from loresmith.jobs.core.principal import Role
from loresmith.jobs.store import keys
from loresmith.jobs.store.pipeline import PipelineBatcher

ID_BYTES = 32
MAX_SESSIONS = 100
"""Of one API key, or of one user of the identity provider."""


class KeyLogin(BaseModel):
    """A log-in with an API key."""

    key_id: str
    digest: str
    """The SHA-256 of the secret."""

    @property
    def principal_id(self) -> str:
        return principal_id_of(self.key_id)


class OidcLogin(BaseModel):
    """A log-in at the identity provider, and what its token said."""

    issuer: str
    subject: str
    name: str
    team_id: str | None
    role: Role

    @property
    def principal_id(self) -> str:
        return f"oidc:{self.subject}"


class BrowserSession(BaseModel):
    """A session as it is stored."""

    login: KeyLogin | OidcLogin
    ends_ms: int


class SessionStore:
    """Creates, reads and deletes sessions. Every method raises StoreUnavailable."""

    def __init__(self, pipeline: PipelineBatcher, lifetime_s: int) -> None:
        self.lifetime_s = lifetime_s
        self._pipeline = pipeline

    async def create(self, login: KeyLogin | OidcLogin) -> tuple[str, BrowserSession]:
        """Returns the value of the cookie, and what it stands for. With too many of the same login
        the oldest one ends.
        """
        cookie = secrets.token_urlsafe(ID_BYTES)
        lifetime_ms = self.lifetime_s * 1000
        ends_ms = round(time.time() * 1000) + lifetime_ms
        session = BrowserSession(login=login, ends_ms=ends_ms)
        session_id, record = session_id_of(cookie), session.model_dump_json()
        owned = keys.sessions_of(login.principal_id)
        names = [keys.session(session_id), owned, keys.API_KEY_CHANGES]
        await self._pipeline.script(
            "sessions/create", names, session_id, record, lifetime_ms, MAX_SESSIONS
        )
        return cookie, session

    async def read(self, cookie: str) -> BrowserSession:
        """Raises Problem for a session that is over."""
        text = await self._pipeline.execute("GET", keys.session(session_id_of(cookie)))
        return _session(text)

    async def delete(self, cookie: str) -> BrowserSession | None:
        """Ends a session and its event streams in every process. Returns the one that there was."""
        session_id = session_id_of(cookie)
        try:
            session = await self.read(cookie)
        except Problem:
            return None
        owned = keys.sessions_of(session.login.principal_id)
        names = [keys.session(session_id), keys.API_KEY_CHANGES, owned]
        (outcome,) = await self._pipeline.script("sessions/delete", names, session_id)
        return session if outcome == "ok" else None


def session_id_of(cookie: str) -> str:
    """Returns what is stored instead of a cookie. A fast hash: no cookie can be guessed."""
    return hashlib.sha256(cookie.encode()).hexdigest()


def _session(text: str | None) -> BrowserSession:
    try:
        return BrowserSession.model_validate_json(text or "")
    except ValidationError:
        raise unauthorized("Your session has ended. Log in again.") from None
