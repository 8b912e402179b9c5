"""API keys for programs: made, listed without their secrets, rotated, revoked."""

from uuid import UUID

from litestar import Controller, delete, get, post
from litestar.params import FromPath, JSONBody

from backend.api.deps import ApiRequest
from backend.api.guards import by_person, needs
from backend.api.presenting.common import person
from backend.schemas.api_keys import ApiKey, ApiKeyCreate, ApiKeyList, ApiKeySecret
from tenancy import apikeys
from tenancy.permissions import Right
from tenancy.session import tenant


class ApiKeyController(Controller):
    """``/api/v1/api-keys``. A secret is shown once, so no reply with one is kept for a repetition."""

    path = "/api-keys"

    @get(opt=needs(Right.API_KEYS_READ))
    async def index(self, request: ApiRequest) -> ApiKeyList:
        """The keys that were not revoked, without their secrets."""
        async with tenant(request.services.database, request.principal.tenant) as session:
            found = await apikeys.list_api_keys(session, request.principal)
        return ApiKeyList(items=[_shown(key) for key in found])

    @post(opt=by_person(needs(Right.API_KEYS_CREATE)))
    async def create(self, request: ApiRequest, data: JSONBody[ApiKeyCreate]) -> ApiKeySecret:
        """A new key that acts for you, with at most the rights that you have at that moment."""
        wanted = apikeys.Wanted(data.name, tuple(data.scopes), data.expires_at)
        async with tenant(request.services.database, request.principal.tenant) as session:
            return _secret(await apikeys.create_api_key(session, request.principal, wanted))

    @post("/{key_id:uuid}/rotate", status_code=200, opt=by_person(needs(Right.API_KEYS_CREATE)))
    async def rotate(self, request: ApiRequest, key_id: FromPath[UUID]) -> ApiKeySecret:
        """Another secret for a key of yours; the old one is refused from now on."""
        async with tenant(request.services.database, request.principal.tenant) as session:
            return _secret(await apikeys.rotate_api_key(session, request.principal, key_id))

    @delete("/{key_id:uuid}", opt=by_person(needs(Right.API_KEYS_DELETE)))
    async def revoke(self, request: ApiRequest, key_id: FromPath[UUID]) -> None:
        """End a key: its next request is refused."""
        async with tenant(request.services.database, request.principal.tenant) as session:
            await apikeys.revoke_api_key(session, request.principal, key_id)


def _secret(new: apikeys.NewKey) -> ApiKeySecret:
    return ApiKeySecret(api_key=_shown(new.key), secret=new.token)


def _shown(key: apikeys.ApiKey) -> ApiKey:
    return ApiKey(
        id=str(key.id),
        prefix=f"{apikeys.KEY_MARK}{key.prefix}",
        name=key.name,
        scopes=list(key.scopes),
        created_by=person(key.created_by, key.created_by_name),
        created_at=key.created_at,
        expires_at=key.expires_at,
        last_used_at=key.last_used_at,
    )
