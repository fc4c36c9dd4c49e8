"""Creates an API key directly in Redis: python -m loresmith.api.auth < terms.json

Standard input is the body of `POST /keys`, standard output its response. For the first key of a
public server, which cannot be asked for one over HTTP; `loresmith keys create --direct` calls it.
"""

import argparse
import asyncio
import sys
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_json

from loresmith.api.auth.api_key import represent_key
from loresmith.api.auth.api_key_store import ApiKeyStore
from loresmith.api.http.audit import AuditLog, audit_entry
from loresmith.api.http.body import validation_problem
from loresmith.api.schemas.keys import KeyRequest
from loresmith.jobs.core.settings import Settings, SettingsError
from loresmith.jobs.store.pipeline import PipelineBatcher, StoreUnavailable, connect
from loresmith.jobs.store.primary import PrimaryGuard

CREATED_BY = "command-line"


def main() -> None:
    parser = argparse.ArgumentParser("python -m loresmith.api.auth", description=__doc__)
    parser.add_argument("--if-none", action="store_true", help="only when there is no key at all")
    arguments = parser.parse_args()
    try:
        terms = KeyRequest.model_validate_json(sys.stdin.buffer.read())
        response = asyncio.run(_create(Settings.from_env(), terms, if_none=arguments.if_none))
    except ValidationError as error:
        sys.exit(validation_problem(KeyRequest, error).detail)
    except (SettingsError, StoreUnavailable) as error:
        sys.exit(str(error))
    if response:
        print(to_json(response).decode())


async def _create(settings: Settings, terms: KeyRequest, *, if_none: bool) -> dict[str, Any] | None:
    guard = PrimaryGuard.of(settings)
    pipeline = PipelineBatcher(
        connect(settings.redis_url, guard), guard=guard, ack_replicas=settings.ack_replicas
    )
    store = ApiKeyStore(pipeline)
    try:
        if if_none and await store.any():
            return None
        key, secret = await store.create(terms, CREATED_BY)
        after = represent_key(key)
        entry = audit_entry(CREATED_BY, "key.create", f"key {key.id}", after=after)
        await AuditLog(pipeline).append(entry)
        return after | {"key": secret}
    finally:
        await pipeline.close()


if __name__ == "__main__":
    main()
