"""Syncs a connection's records by the connectors' own service, one kind per activity."""

from temporalio import activity

from backend.connectors import sync
from workflows.contracts import SyncCounts, SyncInput
from workflows.runtime.resources import context_of, current


@activity.defn
async def sync_customers(given: SyncInput) -> int:
    """Keep every customer of the source; how many there are."""
    resources, context = current(), context_of(given.org_id)
    return await sync.sync_customers(
        resources.database, resources.connectors, context, given.connection_id, activity.heartbeat
    )


@activity.defn
async def sync_invoices(given: SyncInput) -> int:
    """Keep every invoice of the source; how many there are."""
    resources, context = current(), context_of(given.org_id)
    return await sync.sync_invoices(
        resources.database, resources.connectors, context, given.connection_id, activity.heartbeat
    )


@activity.defn
async def finish_sync(done: SyncCounts) -> None:
    """Note that everything is up to date."""
    await sync.finish(
        current().database,
        context_of(done.org_id),
        done.connection_id,
        customers=done.customers,
        invoices=done.invoices,
    )
