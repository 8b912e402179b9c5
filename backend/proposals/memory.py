"""What we have done to a record before, and what people refused: the outside system does not tell it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors.records import Invoice
from backend.proposals.models import DecisionTable, EffectTable, ProposalTable
from backend.proposals.states import DecisionState, ExecutionState
from tenancy.models.organization import UserAccount

_REMINDER = "stripe.invoice.send_reminder"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An action that a person rejected on this record, with their reason and what it would have done."""

    action: str
    by: str
    reason: str
    at: datetime
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Memory:
    """Reminders that we sent, oldest first, and refusals, newest first."""

    reminders: Sequence[datetime]
    refusals: Sequence[Refusal]


async def remember(session: AsyncSession, record_id: UUID) -> Memory:
    """What is known of this record from earlier proposals."""
    sent = select(EffectTable.finished_at).join(
        ProposalTable,
        (ProposalTable.org_id == EffectTable.org_id)
        & (ProposalTable.id == EffectTable.proposal_id),
    )
    reminders = await session.scalars(
        sent.where(
            ProposalTable.target_record_id == record_id,
            ProposalTable.action == _REMINDER,
            ProposalTable.execution == ExecutionState.EXECUTED,
        ).order_by(EffectTable.finished_at)
    )
    refused = (
        select(
            ProposalTable.action,
            UserAccount.name,
            DecisionTable.reason,
            DecisionTable.at,
            ProposalTable.parameters,
        )
        .join(
            DecisionTable,
            (DecisionTable.org_id == ProposalTable.org_id)
            & (DecisionTable.proposal_id == ProposalTable.id),
        )
        .join(UserAccount, UserAccount.id == DecisionTable.user_id)
        .where(
            ProposalTable.target_record_id == record_id,
            ProposalTable.decision == DecisionState.REJECTED,
            DecisionTable.kind == "reject",
        )
        .order_by(DecisionTable.at.desc())
    )
    return Memory(
        reminders=[moment for moment in reminders if moment is not None],
        refusals=[
            Refusal(action, by, reason or "", at, parameters)
            for action, by, reason, at, parameters in await session.execute(refused)
        ],
    )


def with_our_reminders(invoice: Invoice, memory: Memory) -> Invoice:
    """The invoice with our own reminders counted in, as if the outside system had counted them."""
    if not memory.reminders:
        return invoice
    counted = invoice.custom_fields.get("reminders_sent", "0")
    sent = (int(counted) if counted.isdecimal() else 0) + len(memory.reminders)
    last = max(
        memory.reminders[-1].date().isoformat(), invoice.custom_fields.get("last_reminder_on", "")
    )
    fields = {**invoice.custom_fields, "reminders_sent": str(sent), "last_reminder_on": last}
    return replace(invoice, custom_fields=fields)
