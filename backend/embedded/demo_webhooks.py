"""Has the simulator send the demo's events to the product, so that changes there arrive at once."""

import httpx

from backend.connectors import repository, webhooks
from backend.core.db import Database
from backend.core.ids import ConnectionId
from backend.core.settings import Settings
from backend.embedded.demo_cast import ORGANIZATIONS
from backend.embedded.demo_file import DemoFile
from backend.embedded.errors import StartupError
from tenancy.context import TenantContext
from tenancy.lookup import organization_by_slug
from tenancy.session import tenant

_ENDPOINTS = "/v1/webhook_endpoints"
_EVERYTHING = "*"


async def seed_webhooks(database: Database, settings: Settings, demo: DemoFile) -> None:
    """Register the address of each organization's connections and keep the signing secrets; what is so stays."""
    for organization in ORGANIZATIONS:
        org_id = await organization_by_slug(database, organization.slug)
        if org_id is None:
            continue
        context = TenantContext(org_id)
        async with tenant(database, context) as session:
            connections = await repository.connections_to(session, "stripe")
        key = demo.stripe_keys[organization.slug]
        for connection in connections:
            async with httpx.AsyncClient(
                base_url=settings.stripe.base_url, auth=(key, ""), timeout=30
            ) as http:
                connection_id = ConnectionId(connection.id)
                await _subscribe(database, settings, http, context, connection_id)


async def _subscribe(
    database: Database,
    settings: Settings,
    http: httpx.AsyncClient,
    context: TenantContext,
    connection_id: ConnectionId,
) -> None:
    path = f"/webhooks/stripe/{connection_id}"
    url = f"{settings.web.public_url}{path}"
    async with tenant(database, context) as session:
        known = await webhooks.has_secrets(session, connection_id)
    listed = _checked(await http.get(_ENDPOINTS, params={"limit": 100})).json()["data"]
    own = [one for one in listed if one["url"].endswith(path)]
    if known and [one["url"] for one in own] == [url]:
        return
    for one in own:  # of an earlier address, or nobody has kept the secret that was told once
        _checked(await http.delete(f"{_ENDPOINTS}/{one['id']}"))
    sent = {"url": url, "enabled_events[0]": _EVERYTHING, "description": "Countersign"}
    made = _checked(await http.post(_ENDPOINTS, data=sent)).json()
    async with tenant(database, context) as session:
        await webhooks.keep_secrets(session, settings.keys, connection_id, [made["secret"]])


def _checked(reply: httpx.Response) -> httpx.Response:
    if not reply.is_success:
        path = reply.request.url.path
        raise StartupError(f"The Stripe simulator answers {path} with {reply.status_code}.")
    return reply
