"""Looks at a run's invoice where it lives: the adapter behind its connection."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from backend.connectors.base import Adapter, UpstreamNotFoundError
from backend.connectors.repository import KeptInvoice
from backend.core.ids import OrgId, RunId
from backend.proposals.evidence import EvidenceClaim, Links
from workflows.agents.receivables.subject import Subject, subject_of
from workflows.runtime.resources import current, transaction


@asynccontextmanager
async def opened(org_id: OrgId, run_id: RunId) -> AsyncIterator[tuple[Adapter, KeptInvoice]]:
    """The adapter of the run's record, outside of any transaction."""
    async with transaction(org_id) as session:
        subject = await subject_of(session, run_id)
    async with current().connectors.open(subject.connection) as adapter:
        yield adapter, subject.kept


async def obsolete(subject: Subject) -> str | None:
    """Why there is nothing to look at any more; None when the invoice still waits for its money."""
    async with current().connectors.open(subject.connection) as adapter:
        try:
            live = await adapter.invoice(subject.kept.invoice.source_id)
        except UpstreamNotFoundError:
            return f"invoice {subject.kept.invoice.number} is gone at the source"
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
