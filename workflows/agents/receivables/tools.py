"""The agent's read-only tools. Each reads with the requester's rights of this moment, about the run's invoice alone.

They take no arguments: which organization, person and invoice it is about never comes from the model.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic_ai import FunctionToolset, RunContext
from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors import repository as records
from backend.core.clock import now
from backend.playbooks.service import get_playbook
from backend.proposals.memory import remember
from tenancy.context import Channel, TenantContext
from tenancy.permissions import Right, authorize
from tenancy.principals import load_principal
from tenancy.session import tenant
from workflows.agents.receivables import facts
from workflows.agents.receivables.deps import Deps
from workflows.agents.receivables.subject import Subject, subject_of
from workflows.runtime.resources import current

toolset: FunctionToolset[Deps] = FunctionToolset(id="receivables")


@toolset.tool
async def invoice(ctx: RunContext[Deps]) -> facts.InvoiceFacts:
    """The invoice of this run as it is now, and what this playbook may do about it."""
    async with _reading(ctx.deps) as (session, subject):
        run = subject.run
        playbook = await get_playbook(session, run.playbook_id, run.playbook_version)
        memory = await remember(session, subject.kept.id)
    async with current().connectors.open(subject.connection) as adapter:
        live = await adapter.invoice(subject.kept.invoice.source_id)
    return facts.of_invoice(live, memory, now().date(), playbook.definition)


@toolset.tool
async def customer(ctx: RunContext[Deps]) -> facts.CustomerFacts:
    """Who owes the invoice."""
    async with _reading(ctx.deps) as (session, subject):
        kept = await records.customer(session, subject.kept.customer_id)
    return facts.of_customer(kept.customer)


@toolset.tool
async def payment_history(ctx: RunContext[Deps]) -> facts.PaymentHistory:
    """How the customer has paid so far: punctuality over all paid invoices, and the latest card attempts."""
    async with _reading(ctx.deps) as (session, subject):
        others = await records.invoices_of(session, subject.kept.customer_id)
    customer_id = subject.kept.invoice.customer_source_id
    async with current().connectors.open(subject.connection) as adapter:
        payments = await adapter.payments(customer_id)
    return facts.of_history(customer_id, [kept.invoice for kept in others], payments)


@toolset.tool
async def similar_invoices(ctx: RunContext[Deps]) -> facts.SimilarInvoices:
    """Other invoices of the customer that were made near this one or have the same total."""
    async with _reading(ctx.deps) as (session, subject):
        others = await records.invoices_of(session, subject.kept.customer_id)
    return facts.of_similar(subject.kept.invoice, [kept.invoice for kept in others])


@asynccontextmanager
async def _reading(deps: Deps) -> AsyncIterator[tuple[AsyncSession, Subject]]:
    """A transaction of the requester. Raises when they have lost their rights or membership since."""
    context = TenantContext(deps.org_id, deps.user_id, Channel.SYSTEM)
    async with tenant(current().database, context) as session:
        authorize(
            await load_principal(session, deps.user_id, Channel.SYSTEM), Right.CONNECTORS_READ
        )
        yield session, await subject_of(session, deps.run_id)
