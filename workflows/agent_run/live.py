"""Looks at a run's records where they live: the adapter behind their connection."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

from backend.connectors.base import Adapter, Payment, UpstreamNotFoundError
from backend.connectors.records import Customer, Invoice, Record
from backend.core.ids import OrgId, RunId
from backend.proposals.evidence import EvidenceClaim, Links
from workflows.agents.subject import Subject, subject_of
from workflows.runtime.resources import current, transaction


@asynccontextmanager
async def opened(org_id: OrgId, run_id: RunId) -> AsyncIterator[tuple[Adapter, Subject]]:
    """The adapter of the run's records, outside of any transaction."""
    async with transaction(org_id) as session:
        subject = await subject_of(session, run_id)
    async with current().connectors.open(subject.connection) as adapter:
        yield adapter, subject


async def target_now(adapter: Adapter, subject: Subject) -> Record:
    """The record that the run would change, as it is now."""
    known = subject.target.record
    return await adapter.record(known.kind, known.source_id)


async def obsolete(subject: Subject) -> str | None:
    """Why there is nothing to look at any more: a record is gone, or the invoice waits for no money."""
    known = {kept.record.source_id: kept.record for kept in (subject.kept, subject.target)}
    async with current().connectors.open(subject.connection) as adapter:
        for record in known.values():
            try:
                live = await adapter.record(record.kind, record.source_id)
            except UpstreamNotFoundError:
                return f"{record.kind} {record.label} is gone at the source"
            if isinstance(live, Invoice) and live.status != "open":
                return f"invoice {live.number} is {live.status} by now"
    return None


async def cited_payments(
    adapter: Adapter, subject: Subject, claims: Iterable[EvidenceClaim]
) -> Sequence[Payment]:
    """The customer's payments, if the evidence cites attempts to charge a card."""
    record = subject.target.record
    cited = any(claim.kind == "payment_attempts" for claim in claims)
    if not cited or not isinstance(record, Invoice):
        return ()
    return await adapter.payments(record.customer_source_id)


def links_to(adapter: Adapter, subject: Subject, claims: Iterable[EvidenceClaim]) -> Links:
    """Where a person sees the run's records, the customer and the cited records."""
    kinds = {
        claim.record_id: Invoice.kind if claim.kind == Invoice.kind else Customer.kind
        for claim in claims
    }
    for kept in (subject.kept, subject.target):
        record = kept.record
        if isinstance(record, Invoice):
            kinds[record.customer_source_id] = Customer.kind
        kinds[record.source_id] = record.kind
    return Links({known: adapter.record_url(kind, known) for known, kind in kinds.items()})
