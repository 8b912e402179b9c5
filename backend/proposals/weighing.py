"""Weighs a change against what the organization's own records and earlier decisions tell."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors import repository as records
from backend.connectors.actions import Action
from backend.connectors.models import InvoiceRecord
from backend.core.clock import now
from backend.core.ids import PlaybookId
from backend.core.money import Money
from backend.proposals import risk
from backend.proposals.content import Content
from backend.proposals.matter import Matter
from backend.proposals.models import ProposalTable
from backend.proposals.risk import Experience, RiskReason
from backend.proposals.states import DecisionState, ExecutionState


async def weigh(
    session: AsyncSession,
    action: Action,
    matter: Matter,
    content: Content,
    *,
    confidence: float,
    corrections: int,
) -> list[RiskReason]:
    """The reasons of the change's risk; their points add up to the score."""
    return risk.assess(
        action,
        amount=content.amount,
        share_below=await _share_below(session, content.amount),
        confidence=confidence,
        corrections=corrections,
        experience=await _experience(session, action, matter.playbook.id, content.party),
        data_age=await _data_age(session, matter),
    )


async def _share_below(session: AsyncSession, amount: Money | None) -> float:
    """The share of the organization's open invoices in this currency with a smaller balance; 0 to 1."""
    if amount is None:
        return 0.0
    of_currency = (InvoiceRecord.status == "open", InvoiceRecord.currency == amount.currency)
    smaller = func.count().filter(InvoiceRecord.balance < amount.minor)
    query = select(smaller, func.count()).select_from(InvoiceRecord).where(*of_currency)
    below, all_open = (await session.execute(query)).one()
    return below / all_open if all_open else 0.0


async def _experience(
    session: AsyncSession, action: Action, playbook_id: PlaybookId, party: str
) -> Experience:
    table = ProposalTable
    executed = table.execution == ExecutionState.EXECUTED
    ours = table.playbook_id == playbook_id
    decided = ours & table.decision.in_((DecisionState.APPROVED, DecisionState.REJECTED))
    query = select(
        func.count().filter(executed),
        func.count().filter(executed, table.party == party),
        func.count().filter(decided),
        func.count().filter(ours, table.decision == DecisionState.REJECTED),
    ).where(table.action == action.name)
    return Experience(*(await session.execute(query)).one())


async def _data_age(session: AsyncSession, matter: Matter) -> timedelta:
    """How long ago the records beside the target, which is read live, were brought up to date."""
    connection = await records.connection(session, matter.kept.connection_id)
    synced_at = connection.synced_at
    return now() - synced_at if synced_at else timedelta(0)
