"""API keys in Redis."""

from collections.abc import Callable
from typing import Any

from loresmith.api.auth.api_key import ApiKey
from loresmith.api.auth.key_format import hash_of, new_key, new_key_id
from loresmith.api.http.problems import Problem, truncated
from loresmith.api.schemas.keys import KeyRequest
from loresmith.jobs.core.damaged_record import intact
from loresmith.jobs.store import keys
from loresmith.jobs.store.pipeline import PipelineBatcher
from loresmith.jobs.store.scripts import flat, pairs


class ApiKeyStore:
    """Creates, reads, rotates and revokes keys. A secret is returned once and never stored."""

    def __init__(self, pipeline: PipelineBatcher) -> None:
        self.on_change: Callable[[str], object] = lambda key_id: None
        """Called with the id of a key that this process has changed."""
        self._pipeline = pipeline

    async def any(self) -> bool:
        """Whether a key has ever been made, revoked or not."""
        return bool(await self._pipeline.execute("EXISTS", keys.API_KEYS))

    async def read(self, key_id: str) -> ApiKey | None:
        record = await self._pipeline.execute("HGETALL", keys.api_key(key_id))
        return ApiKey.of(record) if record else None

    async def list(self) -> list[ApiKey]:
        """Returns all keys, the newest first."""
        ids = await self._pipeline.execute("ZREVRANGE", keys.API_KEYS, 0, -1)
        records = [await self._pipeline.execute("HGETALL", keys.api_key(key_id)) for key_id in ids]
        return intact((record for record in records if record), ApiKey.of)

    async def create(self, terms: KeyRequest, created_by: str) -> tuple[ApiKey, str]:
        """Returns the stored key and its text; `created_by` is the id of a principal."""
        while True:
            key_id = new_key_id()
            secret = new_key(key_id)
            fields = {
                "name": terms.name,
                "role": terms.role,
                "scopes": " ".join(sorted(terms.scopes or ())) or None,
                "user_id": terms.user_id or f"key-{key_id}",
                "team_id": terms.team_id,
                "rpm": terms.rpm,
                "created_by": created_by,
            }
            names = [keys.api_key(key_id), keys.API_KEYS, keys.API_KEY_CHANGES]
            lifetime_ms = round(terms.expires_in * 1000)
            outcome, *record = await self._pipeline.script(
                "keys/create", names, key_id, hash_of(secret), lifetime_ms, *flat(fields)
            )
            if outcome == "ok":
                self.on_change(key_id)
                return ApiKey.of(pairs(record)), secret

    async def rotate(self, key_id: str, overlap_s: float) -> tuple[ApiKey, str]:
        """Returns the key and its new text. Raises Problem."""
        secret = new_key(key_id)
        record = await self._change("keys/rotate", key_id, hash_of(secret), round(overlap_s * 1000))
        return record, secret

    async def revoke(self, key_id: str) -> ApiKey:
        """Raises Problem when the key does not exist."""
        return await self._change("keys/revoke", key_id)

    async def note_use(self, key_id: str, digest: str) -> None:
        await self._pipeline.script("keys/note_use", [keys.api_key(key_id)], digest)

    async def count_request(self, key_id: str, minute: int) -> int:
        """Returns the requests of a key in a minute, with this one."""
        name = keys.request_count(key_id, minute)
        return int(await self._pipeline.script("keys/count_request", [name]))

    async def _change(self, script: str, key_id: str, *arguments: Any) -> ApiKey:
        names = [keys.api_key(key_id), keys.API_KEY_CHANGES]
        outcome, *record = await self._pipeline.script(script, names, key_id, *arguments)
        if outcome == "gone":
            raise key_not_found(key_id)
        if outcome == "revoked":
            raise Problem(
                "key-revoked", f"The API key {key_id} was revoked. Create another one instead."
            )
        self.on_change(key_id)
        return ApiKey.of(pairs(record))


def key_not_found(key_id: str) -> Problem:
    return Problem("key-not-found", f"There is no API key {truncated(key_id)!r}.")
