"""Finds the principal of a browser session."""

from dataclasses import replace

from loresmith.api.auth.api_keys import ApiKeyCheck
from loresmith.api.auth.authenticator import ended_as, unauthorized
from loresmith.api.auth.sessions import (
    BrowserSession,
    KeyLogin,
    OidcLogin,
    SessionStore,
    session_id_of,
)
from loresmith.jobs.core.principal import Principal


class SessionCheck:
    """Knows the cookies of sessions. Looks their API key up for each request."""

    def __init__(self, store: SessionStore, api_keys: ApiKeyCheck, issuer: str) -> None:
        self._store = store
        self._api_keys = api_keys
        self._issuer = issuer

    async def authenticate(self, cookie: str) -> Principal:
        """Raises Problem for a session that has ended, StoreUnavailable."""
        session = await self._store.read(cookie)
        login = session.login
        principal = (
            await self._of_key(login) if isinstance(login, KeyLogin) else self._of_issuer(login)
        )
        return in_session(principal, cookie, session)

    async def _of_key(self, login: KeyLogin) -> Principal:
        with ended_as(
            "Your session has ended: its API key was revoked, has expired or has a new secret. "
            "Log in again."
        ):
            return await self._api_keys.principal_of(login.key_id, login.digest)

    def _of_issuer(self, login: OidcLogin) -> Principal:
        if login.issuer != self._issuer:
            raise unauthorized("Your session is of another identity provider. Log in again.")
        return self.of_provider(login)

    @staticmethod
    def of_provider(login: OidcLogin) -> Principal:
        """Returns whom a log-in at the identity provider acts for."""
        return Principal(
            id=login.principal_id,
            user_id=login.subject,
            team_id=login.team_id,
            role=login.role,
            name=login.name,
        )


def in_session(principal: Principal, cookie: str, session: BrowserSession) -> Principal:
    """Returns the principal of a credential as that of a session."""
    ends_ms = min(session.ends_ms, principal.ends_ms or session.ends_ms)
    return replace(principal, session_id=session_id_of(cookie), ends_ms=ends_ms)
