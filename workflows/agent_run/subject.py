"""The invoice that an agent run is about, and the adapter behind it."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors import repository as records
from backend.connectors.base import Adapter, UpstreamNotFoundError
from backend.connectors.repository import KeptInvoice
from backend.core.ids import OrgId, RunId
from backend.proposals.evidence import EvidenceClaim, Links
from backend.runs.service import load_run
from workflows.runtime.resources import current, transaction


async def subject_of(session: AsyncSession, run_id: RunId) -> KeptInvoice:
    """The record that the run is about, as the last sync saw it."""
    run = await load_run(session, run_id)
    if run.subject_id is None:
        raise LookupError(f"run {run_id} is about no record")
    return await records.invoice(session, run.subject_id)


@asynccontextmanager
async def opened(org_id: OrgId, run_id: RunId) -> AsyncIterator[tuple[Adapter, KeptInvoice]]:
    """The adapter of the run's record, outside of any transaction."""
    async with transaction(org_id) as session:
        kept = await subject_of(session, run_id)
        connection = await records.connection(session, kept.connection_id)
    async with current().connectors.open(connection) as adapter:
        yield adapter, kept


async def obsolete(org_id: OrgId, run_id: RunId) -> str | None:
    """Why there is nothing to look at any more; None when the invoice still waits for its money."""
    async with opened(org_id, run_id) as (adapter, kept):
        try:
            live = await adapter.invoice(kept.invoice.source_id)
        except UpstreamNotFoundError:
            return f"invoice {kept.invoice.number} is gone at the source"
    if live.status != "open":
        return f"invoice {live.number} is {live.status} by now"
    return None


def links_to(adapter: Adapter, kept: KeptInvoice, claims: Iterable[EvidenceClaim]) -> Links:
    """Where a person sees the run's invoice, its customer and the cited records."""
    customer_id = kept.invoice.customer_source_id
    invoices = {claim.record_id for claim in claims if claim.kind == "invoice"}
    return Links(
        invoices={i: adapter.invoice_url(i) for i in {kept.invoice.source_id, *invoices}},
        customers={customer_id: adapter.customer_url(customer_id)},
    )
