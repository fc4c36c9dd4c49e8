"""Refuses to start a public server without any credential."""

import asyncio
from contextlib import suppress

from loresmith.api.auth.api_key_store import ApiKeyStore
from loresmith.api.auth.identity_provider import IdentityProvider
from loresmith.api.http.problems import Problem
from loresmith.jobs.core.logs import get_logger
from loresmith.jobs.core.settings import Settings, SettingsError
from loresmith.jobs.store.pipeline import PipelineBatcher, StoreUnavailable, connect

NO_CREDENTIALS = (
    "--public needs an API key, and there is none. Create the first one with `loresmith keys "
    "create admin --role admin --direct`, or start with `loresmith up --public`, which does it; or "
    "set LORESMITH_OIDC_ISSUER"
)

log = get_logger(__name__)


def has_proxy(settings: Settings) -> bool:
    """Returns whether the settings speak of a reverse proxy."""
    return bool(settings.trusted_proxies.strip() or settings.root_path.strip("/"))


def warn_of_proxy(settings: Settings) -> None:
    """Logs how to get in where a reverse proxy closes a server on loopback."""
    if settings.auth == "proxy" or settings.oidc_issuer or not has_proxy(settings):
        return
    with suppress(StoreUnavailable):
        if not asyncio.run(_any_key(settings)):
            log.warning(
                "a reverse proxy is configured and there is no API key: every request is answered "
                "with 401. Create the first key with `loresmith keys create admin --role admin "
                "--direct`, or set LORESMITH_AUTH=proxy if the proxy asks for credentials itself"
            )


def check_credentials(settings: Settings) -> None:
    """Raises SettingsError without any API key or identity provider.

    A provider that does not answer is a warning: API keys do not depend on it. While Redis is away
    the server starts: it rejects every request until it can check a credential.
    """
    if settings.oidc_issuer:
        if not asyncio.run(_is_reachable(settings)):
            log.warning(
                "the identity provider does not answer as it should; until it does only API keys "
                "are let in. Check LORESMITH_OIDC_ISSUER",
                address=settings.oidc_issuer,
            )
        return
    try:
        if not asyncio.run(_any_key(settings)):
            raise SettingsError(NO_CREDENTIALS)
    except StoreUnavailable:
        pass


async def _is_reachable(settings: Settings) -> bool:
    provider = IdentityProvider(settings.oidc_issuer)
    try:
        await provider.metadata()
    except Problem:
        return False
    finally:
        await provider.close()
    return True


async def _any_key(settings: Settings) -> bool:
    pipeline = PipelineBatcher(connect(settings.redis_url))
    try:
        return await ApiKeyStore(pipeline).any()
    finally:
        await pipeline.close()
