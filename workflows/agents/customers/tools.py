"""The agent's read-only tools, about the two customers of the run alone. They take no arguments."""

from pydantic_ai import FunctionToolset, RunContext

from backend.connectors import repository as records
from backend.connectors.repository import KeptRecord
from backend.core.clock import now
from backend.playbooks.service import get_playbook
from backend.proposals.memory import remember
from workflows.agents.customers import facts
from workflows.agents.deps import Deps
from workflows.agents.reading import reading
from workflows.runtime.resources import current

toolset: FunctionToolset[Deps] = FunctionToolset(id="customers")


@toolset.tool
async def surviving_customer(ctx: RunContext[Deps]) -> facts.CustomerFacts:
    """The customer that stays: who has paid before, else the older one."""
    async with reading(ctx.deps) as (_, subject):
        kept = subject.target
    return await _facts(ctx.deps, kept)


@toolset.tool
async def duplicate_customer(ctx: RunContext[Deps]) -> facts.CustomerFacts:
    """The customer that may be the same."""
    async with reading(ctx.deps) as (_, subject):
        kept = subject.kept
    return await _facts(ctx.deps, kept)


@toolset.tool
async def comparison(ctx: RunContext[Deps]) -> facts.Comparison:
    """How alike the two are, what speaks against it, and what the surviving one lacks."""
    async with reading(ctx.deps) as (session, subject):
        run = subject.run
        playbook = await get_playbook(session, run.playbook_id, run.playbook_version)
        memory = await remember(session, subject.target.id)
    async with current().connectors.open(subject.connection) as adapter:
        survivor = await adapter.customer(subject.target.record.source_id)
        duplicate = await adapter.customer(subject.kept.record.source_id)
    return facts.of_pair(survivor, duplicate, memory, now().date(), playbook.definition)


async def _facts(deps: Deps, kept: KeptRecord) -> facts.CustomerFacts:
    async with reading(deps) as (session, subject):
        invoices = await records.invoices_of(session, kept.customer_id)
    async with current().connectors.open(subject.connection) as adapter:
        live = await adapter.customer(kept.record.source_id)
    return facts.of_customer(live, [one.invoice for one in invoices])
