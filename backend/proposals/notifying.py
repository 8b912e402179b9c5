"""Tells people in the app what happened to a proposal, in the transaction in which it happens.

Nobody is told of what they have done themselves. One change is one event, whoever hears of it.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import now
from backend.core.ids import new_uuid
from backend.proposals import repository
from backend.proposals.models import DecisionTable, ProposalTable
from backend.proposals.notification_models import NotificationTable
from backend.proposals.signers import signers_of
from backend.proposals.states import DecisionState, ExecutionState
from tenancy.audit import AuditAction
from tenancy.changes import Change, EventKind, record
from tenancy.members import names_of
from tenancy.permissions import answers_to
from tenancy.session import context_of

MOST_ASKED = 50
_POLICY, _ENGINE = "The policy", "The workflow engine"


class Kind(StrEnum):
    """What a person is told."""

    ASKED = "asked"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    DELEGATED = "delegated"
    ANSWERED = "answered"
    COMMENTED = "commented"
    DECIDED = "decided"
    EXECUTED = "executed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    STALE = "stale"


_A = AuditAction
_TOLD: dict[AuditAction, tuple[Kind, str]] = {
    _A.PROPOSAL_CREATED: (Kind.ASKED, "Your signature is asked for"),
    _A.PROPOSAL_TAKEN_BACK: (Kind.ASKED, "Your signature is asked for again"),
    _A.PROPOSAL_EDITED: (Kind.ASKED, "{who} edited it and your signature is asked for"),
    _A.PROPOSAL_REVISED: (Kind.ASKED, "The agent revised it and your signature is asked for"),
    _A.PROPOSAL_REMINDED: (Kind.REMINDED, "This still waits for your signature"),
    _A.PROPOSAL_ESCALATED: (Kind.ESCALATED, "Nobody has decided, so you are asked as well"),
    _A.PROPOSAL_DELEGATED: (Kind.DELEGATED, "{who} gave you their signature"),
    _A.PROPOSAL_ANSWERED: (Kind.ANSWERED, "Your question has an answer"),
    _A.PROPOSAL_COMMENTED: (Kind.COMMENTED, "{who} commented"),
    _A.PROPOSAL_APPROVED: (Kind.DECIDED, "{who} approved"),
    _A.PROPOSAL_REJECTED: (Kind.DECIDED, "{who} rejected"),
    _A.PROPOSAL_WITHDRAWN: (Kind.DECIDED, "{who} withdrew"),
    _A.PROPOSAL_EXPIRED: (Kind.DECIDED, "Nobody decided in time"),
    _A.PROPOSAL_STALE: (Kind.STALE, "The record changed outside, so nothing was run"),
    _A.EFFECT_CONFIRMED: (Kind.EXECUTED, "Executed"),
    _A.EFFECT_MARKED_DONE: (Kind.EXECUTED, "{who} marked this as done"),
    _A.EFFECT_FAILED: (Kind.FAILED, "Failed"),
    _A.EFFECT_MARKED_NOT_DONE: (Kind.FAILED, "{who} marked this as not done"),
    _A.EFFECT_UNKNOWN: (Kind.UNKNOWN, "Nobody knows the outcome"),
}
_ASKING = frozenset({Kind.ASKED, Kind.REMINDED, Kind.ESCALATED})


async def notify(
    session: AsyncSession,
    row: ProposalTable,
    action: AuditAction,
    details: Mapping[str, object] | None = None,
) -> None:
    """Tell whom the act concerns. Called by ``recording.announce`` and wherever a proposal changes without it."""
    if action not in _TOLD:
        return
    kind, words = _TOLD[action]
    actor = context_of(session).user_id
    concerned = await _concerned(session, row, kind, details or {})
    receivers = [one for one in dict.fromkeys(concerned) if one != actor]
    if not receivers:
        return
    names = await names_of(session, {actor} if actor else ())
    nobody = _ENGINE if action is AuditAction.PROPOSAL_WITHDRAWN else _POLICY
    said = words.format(who=names.get(actor, nobody) if actor else nobody)
    telling_id, at = new_uuid(), now()
    session.add_all(
        NotificationTable(
            org_id=row.org_id,
            id=new_uuid(),
            telling_id=telling_id,
            user_id=receiver,
            kind=kind,
            proposal_id=row.id,
            text=f"{said}: {row.sentence}",
            seal=row.decision if row.execution == ExecutionState.NONE else row.execution,
            created_at=at,
        )
        for receiver in receivers[:MOST_ASKED]
    )
    record(session, Change(telling_id, event=EventKind.NOTIFICATION_CREATED))


async def _concerned(
    session: AsyncSession, row: ProposalTable, kind: Kind, details: Mapping[str, object]
) -> Iterable[UUID]:
    if kind in _ASKING:
        return await _signers(session, row, escalated=kind is Kind.ESCALATED)
    match kind:
        case Kind.DELEGATED:
            return [UUID(str(details["to"]))]
        case Kind.ANSWERED:
            return [UUID(str(details["asked_by"]))]
        case Kind.DECIDED:
            return [row.requested_by]
        case _:
            return [row.requested_by, *await _signed(session, row)]


async def _signers(session: AsyncSession, row: ProposalTable, *, escalated: bool) -> list[UUID]:
    """Everybody whose signature counts now; of an escalation those to whom it went."""
    if row.decision != DecisionState.PENDING or row.required_signatures == 0:
        return []
    view = (await repository.by_ids(session, [row.id])).get(row.id)
    if view is None:
        return []
    named = {one.name for one in view.terms.escalated_to} if escalated else set()
    return [
        person.user_id
        for person in await signers_of(session, view)
        if not escalated or named & answers_to(person)
    ]


async def _signed(session: AsyncSession, row: ProposalTable) -> list[UUID]:
    act = DecisionTable
    found = await session.scalars(
        select(act.user_id).where(
            act.proposal_id == row.id,
            act.kind == "approve",
            act.round == row.round,
            act.user_id.is_not(None),
        )
    )
    return [user_id for user_id in found if user_id is not None]
