"""Applies events by the connectors' own service, and starts playbooks that listen to them."""

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from backend.connectors.applying import Applied, apply_due
from backend.proposals.causes import is_ours
from backend.runs.triggering import fire_changes
from workflows.contracts import EventsInput, EventsLeft
from workflows.runtime.resources import context_of, current


@activity.defn
async def apply_events(given: EventsInput) -> EventsLeft:
    """Apply a batch of what is due; what is left."""
    resources, context = current(), context_of(given.org_id)
    left = await apply_due(
        resources.database, resources.connectors, context, given.connection_id, _start_listeners
    )
    return EventsLeft(left.more, left.retry_in)


async def _start_listeners(session: AsyncSession, applied: Applied) -> None:
    """What our own effects have caused starts nothing: it would go round in a circle."""
    if not await is_ours(session, applied.cause):
        await fire_changes(session, applied.kind, applied.records, f"event/{applied.event_id}")
