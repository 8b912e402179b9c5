"""Webhooks in: the public address that vendors send to, and what the organization sees and sets of it."""

from uuid import UUID

from litestar import Controller, Response, get, post, put
from litestar.background_tasks import BackgroundTask
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import idempotency, paging
from backend.api.deps import ApiRequest
from backend.api.guards import needs, public
from backend.api.idempotency import Kept
from backend.connectors import inbox, repository, webhooks
from backend.connectors.repository import ConnectionNotFoundError
from backend.connectors.webhook_models import InboundEvent as EventRow
from backend.core.ids import ConnectionId, InboundEventId
from backend.schemas.webhooks import (
    InboundEvent,
    InboundEventList,
    Received,
    WebhookAddress,
    WebhookSecrets,
)
from tenancy.permissions import Right
from tenancy.ratelimit import RateClass
from tenancy.replies import Reply
from tenancy.session import tenant

LARGEST_DELIVERY = 256 * 1024
_PLACE = "inbound"


@post(
    "/webhooks/{vendor:str}/{connection_id:uuid}",
    status_code=200,
    opt=public(RateClass.WEBHOOK),
    request_max_body_size=LARGEST_DELIVERY,
)
async def deliver(
    request: ApiRequest, vendor: FromPath[str], connection_id: FromPath[UUID]
) -> Response[Received]:
    """Take in one event of a vendor. It is kept before this answers, and applied afterwards."""
    services, wanted = request.services, ConnectionId(connection_id)
    if vendor not in services.connectors.hooks:
        raise ConnectionNotFoundError("there is nothing at this address")
    org_id = await webhooks.receive(
        services.database,
        services.connectors,
        vendor,
        wanted,
        headers=request.headers,
        body=await request.body(),
    )
    then = BackgroundTask(services.workflows.apply_events, org_id, wanted)
    return Response(Received(), background=then)


class ConnectionController(Controller):
    """``/api/v1/connections/{id}``."""

    path = "/connections/{connection_id:uuid}"

    @put("/webhook-secrets", opt=needs(Right.CONNECTORS_UPDATE))
    async def set_secrets(
        self, request: ApiRequest, connection_id: FromPath[UUID], data: JSONBody[WebhookSecrets]
    ) -> Kept[WebhookAddress]:
        """Replace the signing secrets; give the old and the new one while one takes over from the other."""
        services, principal = request.services, request.principal
        wanted = ConnectionId(connection_id)

        async def act(session: AsyncSession) -> Reply:
            keys = services.settings.keys
            await webhooks.set_secrets(session, principal, keys, wanted, data.secrets)
            vendor = (await repository.connection(session, wanted)).vendor
            url = f"{services.settings.web.public_url}/webhooks/{vendor}/{wanted}"
            return idempotency.reply(200, WebhookAddress(url=url, secrets=len(data.secrets)))

        return await idempotency.kept(request, act)

    @get("/events", opt=needs(Right.CONNECTORS_READ))
    async def events(
        self,
        request: ApiRequest,
        connection_id: FromPath[UUID],
        limit: paging.Limit = 50,
        cursor: paging.Cursor = None,
    ) -> InboundEventList:
        """What came in, newest first."""
        principal, after = request.principal, paging.begin(request, _PLACE, cursor)
        before = InboundEventId(after[1]) if after else None
        async with tenant(request.services.database, principal.tenant) as session:
            found = await inbox.list_events(
                session, principal, ConnectionId(connection_id), before=before, limit=limit + 1
            )
        page = found[:limit]
        behind = (page[-1].received_at, page[-1].id) if len(found) > limit else None
        return InboundEventList(
            items=[_event(row) for row in page],
            next_cursor=paging.following(request, _PLACE, behind),
        )

    @post("/events/{event_id:uuid}/replay", status_code=202, opt=needs(Right.CONNECTORS_UPDATE))
    async def replay(
        self, request: ApiRequest, connection_id: FromPath[UUID], event_id: FromPath[UUID]
    ) -> Kept[InboundEvent]:
        """Have an event applied again."""
        services, principal = request.services, request.principal
        wanted = ConnectionId(connection_id)

        async def act(session: AsyncSession) -> Reply:
            row = await inbox.replay(session, principal, wanted, InboundEventId(event_id))
            return idempotency.reply(202, _event(row))

        kept, replayed = await idempotency.once(request, act)
        if replayed:
            return idempotency.response(kept, replayed=True)
        then = BackgroundTask(services.workflows.apply_events, principal.org_id, wanted)
        return idempotency.response(kept, replayed=False, then=then)


def _event(row: EventRow) -> InboundEvent:
    return InboundEvent(
        id=str(row.id),
        source_event_id=row.source_event_id,
        kind=row.kind,
        state=row.state,
        occurred_at=row.occurred_at,
        received_at=row.received_at,
        attempts=row.attempts,
        error=row.error,
        next_try_at=row.next_try_at,
        applied_at=row.applied_at,
    )
