"""How every agent's tools read: with the requester's rights of this moment, about the subject of the run alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors.records import Invoice
from tenancy.context import Channel, TenantContext
from tenancy.permissions import Right, authorize
from tenancy.principals import load_principal
from tenancy.session import tenant
from workflows.agents.deps import Deps
from workflows.agents.subject import Subject, subject_of
from workflows.runtime.resources import current


@asynccontextmanager
async def reading(deps: Deps) -> AsyncIterator[tuple[AsyncSession, Subject]]:
    """A transaction of the requester. Raises when they have lost their rights or membership since."""
    context = TenantContext(deps.org_id, deps.user_id, Channel.SYSTEM)
    async with tenant(current().database, context) as session:
        authorize(
            await load_principal(session, deps.user_id, Channel.SYSTEM), Right.CONNECTORS_READ
        )
        yield session, await subject_of(session, deps.run_id)


def invoice_of(subject: Subject) -> Invoice:
    """The invoice that the run looks at; an agent for invoices is never given anything else."""
    record = subject.kept.record
    if not isinstance(record, Invoice):
        raise TypeError(f"run {subject.run.id} looks at a {record.kind}, not at an invoice")
    return record
