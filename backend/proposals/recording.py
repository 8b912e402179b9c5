"""Writes acts on proposals: the row of the act itself, and what others hear of it."""

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import now
from backend.core.ids import UserId, new_uuid
from backend.proposals.models import DecisionTable, ProposalTable, RevisionTable
from backend.proposals.notifying import notify
from tenancy.audit import AuditAction
from tenancy.changes import Change, EventKind, WakeKind, Wakeup, record
from tenancy.context import Channel, Principal

NOT_NEEDED = "not_needed"


def enter(
    session: AsyncSession,
    row: ProposalTable,
    kind: str,
    by: Principal | None,
    *,
    reason: str | None = None,
    to: UserId | None = None,
    live_check: str = NOT_NEEDED,
) -> DecisionTable:
    """Keep an act on the present revision and round; without ``by`` the policy has acted. The row must be locked."""
    act = DecisionTable(
        org_id=row.org_id,
        id=new_uuid(),
        proposal_id=row.id,
        revision=row.revision,
        round=row.round,
        digest=row.digest,
        kind=kind,
        reason=(reason or "").strip() or None,
        user_id=by.user_id if by else None,
        to_user_id=to,
        channel=by.channel if by else Channel.SYSTEM,
        live_check=live_check,
        at=now(),
    )
    session.add(act)
    return act


def keep_revision(
    session: AsyncSession, row: ProposalTable, author: Principal | None, reason: str | None = None
) -> None:
    """Keep what the present revision says; without an author the agent wrote it."""
    session.add(
        RevisionTable(
            org_id=row.org_id,
            proposal_id=row.id,
            revision=row.revision,
            digest=row.digest,
            sentence=row.sentence,
            parameters=row.parameters,
            changes=row.changes,
            amount_minor=row.amount_minor,
            author_id=author.user_id if author else None,
            reason=reason,
            at=now(),
        )
    )


async def announce(
    session: AsyncSession,
    row: ProposalTable,
    action: AuditAction,
    *,
    wake: bool = False,
    **details: object,
) -> None:
    """Tell listeners, the audit and whom it concerns, and wake the run when it has something to do."""
    wakeup = Wakeup(WakeKind.WAKE_RUN, row.run_id) if wake else None
    record(
        session,
        Change(
            row.id, event=EventKind.PROPOSAL_CHANGED, audit=action, details=details, wake=wakeup
        ),
    )
    await notify(session, row, action, details)
