"""Bearer tokens of an OpenID Connect provider: signed JSON Web Tokens with a role and a team."""

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, UnsupportedAlgorithmError
from joserfc.jwk import Key
from joserfc.jws import JWSRegistry

from loresmith.api.auth.identity_provider import IdentityProvider
from loresmith.api.http.problems import Problem
from loresmith.api.http.scopes import ROLES
from loresmith.jobs.core.principal import Principal, Role
from loresmith.jobs.core.settings import Settings

ALGORITHMS = ("RS256", "ES256", "EdDSA", "Ed25519")
"""The only signatures that count, whatever a token says. Ed25519 is EdDSA's new name (RFC 9864)."""
LEEWAY_S = 60
MAX_TOKEN_LENGTH = 16_384
MAX_ID_LENGTH = 200


class SignatureAlgorithms(JWSRegistry):
    """Our algorithms only; the library would warn of EdDSA's name, which providers still use."""

    max_header_length = 4096

    def get_alg(self, name: str) -> Any:
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError(name)
        return self.algorithms[name]


SIGNATURES = SignatureAlgorithms(strict_check_header=False)


class TokenVerifier:
    """Checks signature and claims of tokens of one issuer."""

    def __init__(self, provider: IdentityProvider) -> None:
        self._provider = provider

    async def claims(self, token: str, audience: str) -> dict[str, Any]:
        """Returns the claims of a valid token. Raises Problem."""
        if len(token) > MAX_TOKEN_LENGTH:
            raise invalid_token(f"The token has more than {MAX_TOKEN_LENGTH} characters.")
        kid = _key_id(token)
        key = await self._provider.key(kid)
        if key is None:
            raise invalid_token("The token is signed by a key that its issuer does not publish.")
        return self._verified(token, key, audience)

    def _verified(self, token: str, key: Key, audience: str) -> dict[str, Any]:
        expected = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self._provider.issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        try:
            claims = jwt.decode(token, key, registry=SIGNATURES).claims
            expected.validate(claims)
        except ExpiredTokenError:
            raise invalid_token("The token has expired. Get a new one from its issuer.") from None
        except Exception:  # whatever hostile texts make of the library, they are not tokens
            raise invalid_token(
                "The token's signature, issuer, audience, or times are not valid here."
            ) from None
        return claims


class OidcCheck:
    """Makes principals of bearer tokens: whatever has the form of a JSON Web Token."""

    def __init__(self, settings: Settings, verifier: TokenVerifier) -> None:
        self._settings = settings
        self._verifier = verifier

    async def authenticate(self, credential: str) -> Principal | None:
        """Returns None for other credentials. Raises Problem for an invalid token."""
        if credential.count(".") != 2:
            return None
        claims = await self._verifier.claims(credential, self._settings.oidc_audience)
        principal = principal_of_claims(claims, self._settings)
        return replace(principal, ends_ms=_ends_ms(claims["exp"]))


def principal_of_claims(claims: Mapping[str, Any], settings: Settings) -> Principal:
    """Returns who a valid token is about. Raises Problem."""
    subject = claims["sub"]
    if not _is_id(subject):
        raise invalid_token(f"The subject must have 1 to {MAX_ID_LENGTH} printable characters.")
    teams = _texts(claims, settings.oidc_team_claim)
    if teams and not _is_id(teams[0]):
        raise invalid_token(f"The team must have 1 to {MAX_ID_LENGTH} printable characters.")
    return Principal(
        id=f"oidc:{subject}",
        user_id=subject,
        team_id=teams[0] if teams else None,
        role=_role(claims, settings.oidc_role_claim),
    )


def invalid_token(detail: str) -> Problem:
    """Returns the problem of a token that is refused; it does not repeat the token."""
    return Problem(
        "unauthorized", detail, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'}
    )


def _ends_ms(exp: float) -> int:
    """Returns when a token is accepted no more. Raises Problem."""
    try:
        return round((exp + LEEWAY_S) * 1000)
    except (TypeError, ValueError, OverflowError):  # a text, NaN, infinity
        raise invalid_token("The token's `exp` is not a time.") from None


def _role(claims: Mapping[str, Any], claim: str) -> Role:
    """Returns the most powerful role that the claim names; without a claim it is member."""
    if not claim:
        return "member"
    words = {word.removeprefix("loresmith-") for word in _texts(claims, claim)}
    role = next((role for role in reversed(ROLES) if role in words), None)
    if role is None:
        raise Problem(
            "forbidden",
            f"The claim {claim} of the token names none of the roles {', '.join(ROLES)}. Ask the "
            "administrator of the identity provider for one.",
        )
    return role


def _texts(claims: Mapping[str, Any], claim: str) -> list[str]:
    """Returns the texts of a claim, which has that name or that path: `realm_access.roles`."""
    if not claim:
        return []
    value: Any = claims.get(claim)
    if value is None:
        value = claims
        for name in claim.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
    values = value if isinstance(value, list) else [value]
    return [text for text in values if isinstance(text, str) and text]


def _is_id(text: str) -> bool:
    return 1 <= len(text) <= MAX_ID_LENGTH and text.isprintable()


def _key_id(token: str) -> str | None:
    """Returns the key id of a token's header, unverified. Raises Problem."""
    encoded = token.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
        kid: str | None = header.get("kid")
        is_usable = (
            header.get("alg") in ALGORITHMS
            and "crit" not in header
            and (kid is None or isinstance(kid, str))
        )
    except (ValueError, AttributeError, TypeError, RecursionError):
        is_usable = False
    if not is_usable:
        raise invalid_token(
            f"The token must be a JSON Web Token signed by {', '.join(ALGORITHMS[:3])}."
        )
    return kid
