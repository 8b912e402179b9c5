"""The organization's own keys of model providers: set, listed without the key, removed."""

from litestar import Controller, delete, get, put
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import idempotency
from backend.api.deps import ApiRequest
from backend.api.guards import needs
from backend.api.idempotency import Kept
from backend.api.presenting.common import person
from backend.core.addresses import require_https, require_plain, require_public
from backend.core.settings import ModelAccess, Settings
from backend.playbooks import model_keys
from backend.schemas.model_keys import ModelKey, ModelKeyList, ModelKeySet
from tenancy.context import Principal
from tenancy.permissions import Right
from tenancy.replies import Reply
from tenancy.session import tenant


class ModelKeyController(Controller):
    """``/api/v1/model-keys``."""

    path = "/model-keys"

    @get(opt=needs(Right.SETTINGS_READ))
    async def index(self, request: ApiRequest) -> ModelKeyList:
        """The keys that are set: their ends, who set them and when."""
        async with tenant(request.services.database, request.principal.tenant) as session:
            return await _list(session, request.principal)

    @put("/{provider:str}", opt=needs(Right.SETTINGS_ADMIN))
    async def replace(
        self, request: ApiRequest, provider: FromPath[str], data: JSONBody[ModelKeySet]
    ) -> Kept[ModelKeyList]:
        """Set the key of a provider; the next model call uses it."""
        services, principal = request.services, request.principal
        if data.base_url is not None:
            await _require_allowed(services.settings, data.base_url)
        access = ModelAccess(data.key, data.base_url)

        async def act(session: AsyncSession) -> Reply:
            keys = services.settings.keys
            await model_keys.set_key(session, principal, keys, provider=provider, access=access)
            return idempotency.reply(200, await _list(session, principal))

        return await idempotency.kept(request, act)

    @delete("/{provider:str}", status_code=200, opt=needs(Right.SETTINGS_ADMIN))
    async def remove(self, request: ApiRequest, provider: FromPath[str]) -> Kept[ModelKeyList]:
        """Forget the key of a provider; what is left is answered."""
        principal = request.principal

        async def act(session: AsyncSession) -> Reply:
            await model_keys.remove_key(session, principal, provider)
            return idempotency.reply(200, await _list(session, principal))

        return await idempotency.kept(request, act)


async def _require_allowed(settings: Settings, base_url: str) -> None:
    """A laptop may speak with a simulated provider; elsewhere an address is public and encrypted."""
    if settings.environment == "embedded":
        require_plain(base_url, field="baseUrl")
        return
    require_https(base_url, field="baseUrl")
    await require_public(base_url, field="baseUrl")


async def _list(session: AsyncSession, principal: Principal) -> ModelKeyList:
    items = [
        ModelKey(
            provider=one.provider,
            hint=one.hint,
            base_url=one.base_url,
            created_by=person(one.created_by, one.created_by_name),
            created_at=one.created_at,
        )
        for one in await model_keys.list_keys(session, principal)
    ]
    return ModelKeyList(items=items, providers=list(model_keys.PROVIDERS))
