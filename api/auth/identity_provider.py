"""The OpenID Connect provider: its discovery document, its public keys, and its token endpoint.

All of it is fetched when it is first needed, so that the api starts without the provider.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from httpx2 import USE_CLIENT_DEFAULT, AsyncClient, HTTPError, InvalidURL
from joserfc.jwk import ECKey, JWKRegistry, Key, OKPKey, RSAKey
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from loresmith.api.http.problems import Problem, unavailable
from loresmith.jobs.core.logs import get_logger, safe
from loresmith.jobs.core.outage_log import OutageLog
from loresmith.jobs.core.settings.checks import is_private_connection

FETCH_TIMEOUT_S = 5.0
MAX_DOCUMENT_BYTES = 1_000_000
KEYS_FRESH_S = 3600.0
KEYS_USABLE_S = 24 * 3600.0
"""How long fetched keys go on working while the provider is away."""
RETRY_INTERVAL_S = 5.0
"""Least time between two attempts to fetch keys when none are known."""
REFETCH_INTERVAL_S = 60.0
"""Least time between two fetches of keys, whatever key ids tokens name."""
MAX_KEYS = 100

OUTAGE = OutageLog("The identity provider", get_logger(__name__))


class ProviderMetadata(BaseModel):
    """What we use of the discovery document."""

    issuer: str
    jwks_uri: str
    authorization_endpoint: str = ""
    token_endpoint: str = ""


class PublishedKeys(BaseModel):
    """A set of public keys, each of a form that the library checks."""

    keys: list[Any]


class ProviderFault(Exception):
    """The provider does not answer, or not as OpenID Connect says."""

    safe_to_log = True


class IdentityProvider:
    """Fetches what the issuer publishes, and keeps it."""

    def __init__(self, issuer: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.issuer = issuer
        self._clock = clock
        self._lock = asyncio.Lock()
        self._client: AsyncClient | None = None
        self._metadata: ProviderMetadata | None = None
        self._keys: dict[str, Key] = {}
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")

    async def key(self, kid: str | None) -> Key | None:
        """Returns the public key of a token, or None for an unknown one.

        Without a key id there must be only one key. Raises Problem when the provider is away and
        no keys of the last day are known.
        """
        if not self._is_fresh(kid):
            await self._refresh(kid)
        return self._find(kid)

    async def metadata(self) -> ProviderMetadata:
        """Returns what we use of the discovery document. Raises Problem."""
        try:
            return await self._discovered()
        except ProviderFault as fault:
            raise _failed(fault) from None

    async def authorization_endpoint(self) -> str:
        """Returns where users log in. Raises Problem."""
        return self._endpoint((await self.metadata()).authorization_endpoint)

    def _endpoint(self, url: str) -> str:
        if not url or not is_private_connection(url):
            raise _failed(ProviderFault(f"{self.issuer} publishes no https address to log in"))
        return url

    async def id_token(self, form: dict[str, str], client_id: str, secret: str) -> str:
        """Exchanges an authorization code. Raises Problem; a refused code is unauthorized."""
        url = self._endpoint((await self.metadata()).token_endpoint)
        body = form if secret else form | {"client_id": client_id}
        auth = (quote(client_id, safe=""), quote(secret, safe="")) if secret else USE_CLIENT_DEFAULT
        try:
            reply = await self._http().post(url, data=body, auth=auth)
            token = from_json(reply.content).get("id_token") if reply.is_success else None
        except (HTTPError, InvalidURL, ValueError, AttributeError) as error:
            raise _failed(ProviderFault(f"{url}: {error or type(error).__name__}")) from None
        if reply.status_code >= 500:
            raise _failed(ProviderFault(f"{url} answers with status {reply.status_code}"))
        if not isinstance(token, str):
            raise Problem("unauthorized", "The identity provider does not accept the log-in.")
        return token

    async def close(self) -> None:
        if self._client:
            await self._client.aclose()

    def _find(self, kid: str | None) -> Key | None:
        if kid is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(kid)

    def _is_fresh(self, kid: str | None) -> bool:
        return self._age(self._fetched_at) < KEYS_FRESH_S and self._find(kid) is not None

    async def _refresh(self, kid: str | None) -> None:
        """Fetches the keys, but not often. Raises Problem if none of the last day are known."""
        async with self._lock:
            if self._is_fresh(kid):
                return
            is_usable = self._age(self._fetched_at) < KEYS_USABLE_S
            interval_s = REFETCH_INTERVAL_S if is_usable else RETRY_INTERVAL_S
            if self._age(self._tried_at) >= interval_s:
                self._tried_at = self._clock()
                try:
                    await self._fetch_keys()
                except ProviderFault as fault:
                    OUTAGE.failed(fault)
                    self._metadata = None
            if self._age(self._fetched_at) >= KEYS_USABLE_S:
                raise _unavailable()

    async def _fetch_keys(self) -> None:
        """Raises ProviderFault."""
        metadata = await self._discovered()
        document = await self._document(metadata.jwks_uri)
        try:
            published = PublishedKeys.model_validate(document)
        except ValidationError:
            raise ProviderFault(f"{metadata.jwks_uri} is not a set of keys") from None
        keys = [_signature_key(each) for each in published.keys[:MAX_KEYS]]
        self._keys = {key.kid or "": key for key in keys if key}
        self._fetched_at = self._clock()
        OUTAGE.succeeded()

    async def _discovered(self) -> ProviderMetadata:
        """Raises ProviderFault."""
        if self._metadata is None:
            url = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
            try:
                metadata = ProviderMetadata.model_validate(await self._document(url))
            except ValidationError:
                raise ProviderFault(f"{url} is not a discovery document") from None
            if metadata.issuer != self.issuer:
                raise ProviderFault(
                    f"{url} names the issuer {metadata.issuer!r}; set LORESMITH_OIDC_ISSUER to it"
                )
            if not is_private_connection(metadata.jwks_uri):
                raise ProviderFault(f"{url} names {metadata.jwks_uri}, which is not https")
            self._metadata = metadata
        return self._metadata

    async def _document(self, url: str) -> Any:
        """Fetches a JSON document. Raises ProviderFault."""
        body = b""
        try:
            async with self._http().stream("GET", url) as response:
                if response.status_code != 200:
                    raise ProviderFault(f"{url} answers with status {response.status_code}")
                async for part in response.aiter_bytes():
                    body += part
                    if len(body) > MAX_DOCUMENT_BYTES:
                        raise ProviderFault(f"{url} exceeds {MAX_DOCUMENT_BYTES} bytes")
            return from_json(body)
        except (HTTPError, InvalidURL, ValueError) as error:
            raise ProviderFault(f"{url}: {safe(error)}") from None

    def _http(self) -> AsyncClient:
        if self._client is None:
            self._client = AsyncClient(timeout=FETCH_TIMEOUT_S, follow_redirects=False)
        return self._client

    def _age(self, moment: float) -> float:
        return self._clock() - moment


def _signature_key(published: Any) -> Key | None:
    """Returns a published key; None for one of another use or of a kind that we do not know."""
    try:
        key = JWKRegistry.import_key(published)
    except Exception:  # the library raises many sorts of errors for keys that it does not know
        return None
    is_asymmetric = isinstance(key, RSAKey | ECKey | OKPKey)
    return key if is_asymmetric and key.get("use", "sig") == "sig" else None


def _failed(fault: ProviderFault) -> Problem:
    OUTAGE.failed(fault)
    return _unavailable()


def _unavailable() -> Problem:
    return unavailable(
        "The identity provider does not answer, so the token cannot be checked. Retry later, or "
        "use an API key; the server log has the reason.",
        seconds=5,
    )
