"""The agent's read-only tools. Each reads with the requester's rights of this moment, about the run's invoice alone.

They take no arguments: which organization, person and invoice it is about never comes from the model.
"""

from pydantic_ai import FunctionToolset, RunContext

from backend.connectors import repository as records
from backend.core.clock import now
from backend.playbooks.service import get_playbook
from backend.proposals.memory import remember
from workflows.agents.deps import Deps
from workflows.agents.invoice_facts import InvoiceFacts, of_invoice
from workflows.agents.reading import invoice_of, reading
from workflows.agents.receivables import facts
from workflows.runtime.resources import current

toolset: FunctionToolset[Deps] = FunctionToolset(id="receivables")


@toolset.tool
async def invoice(ctx: RunContext[Deps]) -> InvoiceFacts:
    """The invoice of this run as it is now, and what this playbook may do about it."""
    async with reading(ctx.deps) as (session, subject):
        run = subject.run
        playbook = await get_playbook(session, run.playbook_id, run.playbook_version)
        memory = await remember(session, subject.kept.id)
    async with current().connectors.open(subject.connection) as adapter:
        live = await adapter.invoice(subject.kept.record.source_id)
    return of_invoice(live, memory, now().date(), playbook.definition)


@toolset.tool
async def customer(ctx: RunContext[Deps]) -> facts.CustomerFacts:
    """Who owes the invoice."""
    async with reading(ctx.deps) as (session, subject):
        kept = await records.customer(session, subject.kept.customer_id)
    return facts.of_customer(kept.customer)


@toolset.tool
async def payment_history(ctx: RunContext[Deps]) -> facts.PaymentHistory:
    """How the customer has paid so far: punctuality over all paid invoices, and the latest card attempts."""
    async with reading(ctx.deps) as (session, subject):
        others = await records.invoices_of(session, subject.kept.customer_id)
    customer_id = invoice_of(subject).customer_source_id
    async with current().connectors.open(subject.connection) as adapter:
        payments = await adapter.payments(customer_id)
    return facts.of_history(customer_id, [kept.invoice for kept in others], payments)


@toolset.tool
async def similar_invoices(ctx: RunContext[Deps]) -> facts.SimilarInvoices:
    """Other invoices of the customer that were made near this one or have the same total."""
    async with reading(ctx.deps) as (session, subject):
        others = await records.invoices_of(session, subject.kept.customer_id)
    return facts.of_similar(invoice_of(subject), [kept.invoice for kept in others])
