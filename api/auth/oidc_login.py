"""A log-in at the identity provider: authorization code with PKCE (RFC 7636), state and nonce.

What the callback must know is in one short-lived cookie of the browser that began the log-in.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import urlencode

from pydantic import BaseModel, ValidationError

from loresmith.api.auth.identity_provider import IdentityProvider
from loresmith.api.auth.oidc import TokenVerifier, invalid_token, principal_of_claims
from loresmith.api.auth.sessions import OidcLogin
from loresmith.jobs.core.settings import Settings

SCOPES = "openid profile email"
NAME_CLAIMS = ("name", "preferred_username", "email")
MAX_NAME_LENGTH = 200


class LoginAttempt(BaseModel):
    """The secrets of one attempt, and the query of the page that it began on."""

    state: str
    nonce: str
    verifier: str
    page_query: str

    @classmethod
    def begin(cls, page_query: str) -> Self:
        """`page_query` is what follows the path of the page; anything else is dropped, so that it
        cannot lead to another site.
        """
        is_query = page_query.startswith("?") and page_query.isprintable()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(
            state=state,
            nonce=nonce,
            verifier=verifier,
            page_query=page_query[:2_000] if is_query else "",
        )

    @classmethod
    def from_cookie(cls, cookie: str) -> Self | None:
        try:
            return cls.model_validate_json(base64.urlsafe_b64decode(cookie))
        except (ValidationError, ValueError):
            return None

    def to_cookie(self) -> str:
        return base64.urlsafe_b64encode(self.model_dump_json().encode()).decode()

    def has_state(self, state: str) -> bool:
        return hmac.compare_digest(self.state.encode(), state.encode())

    @property
    def challenge(self) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class OidcLoginFlow:
    """Sends users to the provider, and reads who they are from its answer."""

    def __init__(
        self, provider: IdentityProvider, verifier: TokenVerifier, settings: Settings
    ) -> None:
        self._provider = provider
        self._verifier = verifier
        self._settings = settings

    @property
    def issuer(self) -> str:
        return self._provider.issuer

    async def authorization_url(self, attempt: LoginAttempt, redirect_uri: str) -> str:
        """Returns where the browser goes. Raises Problem when the provider is away."""
        endpoint = await self._provider.authorization_endpoint()
        query = urlencode(
            {
                "response_type": "code",
                "client_id": self._settings.oidc_client_id,
                "redirect_uri": redirect_uri,
                "scope": SCOPES,
                "state": attempt.state,
                "nonce": attempt.nonce,
                "code_challenge": attempt.challenge,
                "code_challenge_method": "S256",
            }
        )
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{query}"

    async def log_in(self, attempt: LoginAttempt, code: str, redirect_uri: str) -> OidcLogin:
        """Exchanges a code for an ID token. Raises Problem."""
        token = await self._provider.id_token(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": redirect_uri,
                "code_verifier": attempt.verifier,
            },
            self._settings.oidc_client_id,
            self._settings.oidc_client_secret,
        )
        claims = await self._verifier.claims(token, self._settings.oidc_client_id)
        nonce, client = claims.get("nonce"), claims.get("azp", self._settings.oidc_client_id)
        if not isinstance(nonce, str) or not hmac.compare_digest(
            nonce.encode(), attempt.nonce.encode()
        ):
            raise invalid_token("The ID token is of another log-in.")
        if client != self._settings.oidc_client_id:
            raise invalid_token("The ID token is of another client.")
        principal = principal_of_claims(claims, self._settings)
        return OidcLogin(
            issuer=self.issuer,
            subject=principal.user_id,
            name=_name(claims),
            team_id=principal.team_id,
            role=principal.role,
        )


def _name(claims: Mapping[str, Any]) -> str:
    """Returns what to call the user; '' when no claim says so."""
    names = (claims.get(claim) for claim in NAME_CLAIMS)
    name = next((each for each in names if isinstance(each, str) and each.isprintable()), "")
    return name[:MAX_NAME_LENGTH]
