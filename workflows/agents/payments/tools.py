"""The agent's read-only tools, about the run's invoice alone. They take no arguments."""

from pydantic_ai import FunctionToolset, RunContext

from backend.core.clock import now
from backend.playbooks.service import get_playbook
from backend.proposals.memory import remember
from workflows.agents.deps import Deps
from workflows.agents.invoice_facts import InvoiceFacts, of_invoice
from workflows.agents.payments import facts
from workflows.agents.reading import invoice_of, reading
from workflows.runtime.resources import current

toolset: FunctionToolset[Deps] = FunctionToolset(id="payments")


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
async def customer(ctx: RunContext[Deps]) -> facts.PayerFacts:
    """Who owes the invoice, and whether there is a card to charge."""
    async with reading(ctx.deps) as (_, subject):
        customer_id = invoice_of(subject).customer_source_id
    async with current().connectors.open(subject.connection) as adapter:
        return facts.of_payer(await adapter.customer(customer_id))


@toolset.tool
async def payment_attempts(ctx: RunContext[Deps]) -> facts.Attempts:
    """Every attempt to charge the card for this invoice, with the code of each decline."""
    async with reading(ctx.deps) as (session, subject):
        run = subject.run
        playbook = await get_playbook(session, run.playbook_id, run.playbook_version)
    async with current().connectors.open(subject.connection) as adapter:
        live = await adapter.invoice(subject.kept.record.source_id)
        payments = await adapter.payments(live.customer_source_id)
    return facts.of_attempts(live, payments, playbook.definition.limits.charges_max, now())
