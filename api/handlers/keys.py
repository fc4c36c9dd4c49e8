"""`/keys`: API keys, which only admins manage."""

from collections.abc import Collection

from starlette.requests import Request
from starlette.responses import Response

from loresmith.api.auth.api_key import ApiKey, represent_key
from loresmith.api.auth.api_key_store import ApiKeyStore, key_not_found
from loresmith.api.auth.key_format import KEY_ID
from loresmith.api.http.audit import audit
from loresmith.api.http.body import optional_body, required_body
from loresmith.api.http.forwarded import client_path
from loresmith.api.http.params import Parameter
from loresmith.api.http.principals import principal_of
from loresmith.api.http.problems import Problem
from loresmith.api.http.responses import JSONResponse
from loresmith.api.openapi.fragments import BODY_PROBLEMS
from loresmith.api.openapi.operation import ResponseSpec, operation
from loresmith.api.schemas.keys import KeyRequest, KeyRotation
from loresmith.jobs.core.logs import get_logger
from loresmith.jobs.core.principal import Principal

log = get_logger(__name__)

PATH_ID = Parameter("id", "path", "The id of the key, which is a part of it", required=True)
NOT_FOUND = ("key-not-found", "temporary-reduced-capacity")


class KeyHandlers:
    """Creates, lists, reads, rotates and revokes keys."""

    def __init__(self, store: ApiKeyStore, max_body_bytes: int) -> None:
        self._store = store
        self._max_body_bytes = max_body_bytes

    @operation(
        "Create an API key",
        {201: ResponseSpec("The key with its secret.", "NewKeyResponse", ("Location",))},
        scope="keys",
        problems=(*BODY_PROBLEMS, "temporary-reduced-capacity"),
        body="KeyRequest",
        example={"name": "ci", "role": "member", "scopes": ["jobs:read", "jobs:write"]},
    )
    async def create(self, request: Request) -> Response:
        """The response is the only one that holds the secret. The first key ends the time in which
        a server on loopback asks for none. A key cannot give more scopes than it has.
        """
        terms = await required_body(request, KeyRequest, self._max_body_bytes)
        creator = principal_of(request)
        _require_within(creator, terms.scopes)
        key, secret = await self._store.create(terms, creator.id)
        log.info("key created", key_id=key.id, role=key.role, principal=creator.id)
        await audit(request, "key.create", f"key {key.id}", after=represent_key(key))
        location = {"Location": client_path(f"/keys/{key.id}")}
        return JSONResponse(represent_key(key) | {"key": secret}, 201, location)

    @operation(
        "List API keys",
        {200: ResponseSpec("All keys, the newest first.", "KeyListResponse")},
        scope="keys",
        problems=("temporary-reduced-capacity",),
    )
    async def list(self, request: Request) -> Response:
        """Includes expired and revoked ones. Secrets are not stored, so none is shown."""
        return JSONResponse({"keys": [represent_key(key) for key in await self._store.list()]})

    @operation(
        "Read an API key",
        {200: ResponseSpec("The key without its secret.", "KeyResponse")},
        scope="keys",
        problems=NOT_FOUND,
        parameters=(PATH_ID,),
    )
    async def read(self, request: Request) -> Response:
        """`state` is `expiring` within 14 days of its end."""
        return JSONResponse(represent_key(await self._key(request)))

    @operation(
        "Rotate an API key",
        {200: ResponseSpec("The key with its new secret.", "NewKeyResponse")},
        scope="keys",
        problems=(*BODY_PROBLEMS, "key-revoked", *NOT_FOUND),
        parameters=(PATH_ID,),
        body="KeyRotation",
        body_required=False,
        example={"overlap": "24h"},
    )
    async def rotate(self, request: Request) -> Response:
        """Gives it a new secret and a new term. The old secret stays valid for `overlap`;
        `previous.last_used_at` tells whether it is still in use. Needs no body.
        """
        rotation = await optional_body(request, KeyRotation, self._max_body_bytes)
        rotator = principal_of(request)
        _require_within(rotator, (await self._key(request)).scopes)
        key, secret = await self._store.rotate(_id(request), rotation.overlap)
        log.info("key rotated", key_id=key.id, principal=rotator.id)
        await audit(request, "key.rotate", f"key {key.id}", after=represent_key(key))
        return JSONResponse(represent_key(key) | {"key": secret})

    @operation(
        "Revoke an API key",
        {200: ResponseSpec("The key, which is not valid any more.", "KeyResponse")},
        scope="keys",
        problems=NOT_FOUND,
        parameters=(PATH_ID,),
    )
    async def revoke(self, request: Request) -> Response:
        """Ends both of its secrets, within a second in every process. Its record stays. Jobs that
        it has created go on.
        """
        key = await self._store.revoke(_id(request))
        log.info("key revoked", key_id=key.id, principal=principal_of(request).id)
        await audit(request, "key.revoke", f"key {key.id}", after=represent_key(key))
        return JSONResponse(represent_key(key))

    async def _key(self, request: Request) -> ApiKey:
        key = await self._store.read(_id(request))
        if key is None:
            raise key_not_found(_id(request))
        return key


def _id(request: Request) -> str:
    """Returns the id of the path. Raises Problem for a text that is none."""
    key_id: str = request.path_params["id"]
    if not KEY_ID.fullmatch(key_id):
        raise key_not_found(key_id)
    return key_id


def _require_within(principal: Principal, scopes: Collection[str] | None) -> None:
    """Raises Problem for a narrowed principal that would hand out more than it has."""
    if principal.scopes is not None and not (scopes and principal.scopes.issuperset(scopes)):
        mine = ", ".join(sorted(principal.scopes))
        raise Problem("forbidden", f"Your credential can only give the scopes that it has: {mine}.")
