"""Refuses to start a public server without any credential."""

import asyncio

from loresmith.api.auth.api_key_store import ApiKeyStore
from loresmith.jobs.core.settings import Settings, SettingsError
from loresmith.jobs.store.pipeline import PipelineBatcher, StoreUnavailable, connect

NO_CREDENTIALS = (
    "--public needs an API key, and there is none. Create the first one with `loresmith keys "
    "create admin --role admin --direct`, or start with `loresmith up --public`, which does it; or "
    "set LORESMITH_OIDC_ISSUER"
)


def check_credentials(settings: Settings) -> None:
    """Raises SettingsError without any API key or identity provider.

    While Redis is away the server starts: it rejects every request until it can check a credential.
    """
    if settings.oidc_issuer:
        return
    try:
        if not asyncio.run(_any_key(settings)):
            raise SettingsError(NO_CREDENTIALS)
    except StoreUnavailable:
        pass


async def _any_key(settings: Settings) -> bool:
    pipeline = PipelineBatcher(connect(settings.redis_url))
    try:
        return await ApiKeyStore(pipeline).any()
    finally:
        await pipeline.close()
