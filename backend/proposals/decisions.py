"""The decision service: the one arbiter of every path. The first valid decision wins, a later one is told who won.

It reads the target live before it locks, then writes decision, state, audit, event and wake-up in one transaction.
Waking the workflow after the commit is the caller's part.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors.actions import FieldChange
from backend.connectors.registry import Connectors
from backend.core.clock import now
from backend.core.db import Database
from backend.core.errors import ConflictError, InvalidInputError, PermissionDeniedError
from backend.core.ids import DecisionId, ProposalId, RunId, UserId
from backend.proposals import quorum, repository
from backend.proposals.digest import change_json
from backend.proposals.live import LiveCheck, look
from backend.proposals.models import DecisionTable, ProposalTable
from backend.proposals.policy import (
    cannot_delegate,
    cannot_reject,
    cannot_take_back,
    cannot_withdraw,
    refusal,
)
from backend.proposals.receivers import check_receiver
from backend.proposals.recording import announce, enter
from backend.proposals.settling import ask_also, mark_stale, policy_of, queue
from backend.proposals.states import DecisionState, ExecutionState, Standing, Writer
from backend.proposals.transition import apply
from backend.proposals.views import ProposalView
from tenancy.audit import AuditAction
from tenancy.context import Principal
from tenancy.permissions import Reach, Right, asking, authorize
from tenancy.session import tenant


class DecisionKind(StrEnum):
    """What a person may decide."""

    APPROVE = "approve"
    REJECT = "reject"
    TAKE_BACK = "take_back"
    WITHDRAW = "withdraw"
    DELEGATE = "delegate"


_REASONED = {DecisionKind.REJECT: "a rejection", DecisionKind.WITHDRAW: "a withdrawal"}
_REFUSALS = {
    DecisionKind.APPROVE: refusal,
    DecisionKind.REJECT: cannot_reject,
    DecisionKind.TAKE_BACK: cannot_take_back,
    DecisionKind.WITHDRAW: cannot_withdraw,
    DecisionKind.DELEGATE: cannot_delegate,
}


class StaleError(ConflictError):
    """The record changed outside since the proposal was made; ``extra["changes"]`` says what."""

    code = "stale"


class DigestMismatchError(ConflictError):
    """The decision names another revision than the current one."""

    code = "digest_mismatch"


@dataclass(frozen=True, slots=True)
class DecisionInput:
    """A decision on the revision that ``digest`` names; what ends it needs a reason, ``to`` is who is delegated to.

    An approval can be taken back for ``hold_at_least`` seconds, or for as long as the policy holds it if that is more.
    """

    kind: DecisionKind
    digest: str
    reason: str | None = None
    to: UserId | None = None
    hold_at_least: float = 0

    def __post_init__(self) -> None:
        if self.kind in _REASONED and not (self.reason or "").strip():
            raise InvalidInputError(f"{_REASONED[self.kind]} needs a reason", field="reason")
        if self.to is not None and self.kind is not DecisionKind.DELEGATE:
            raise InvalidInputError("only a delegated signature goes to somebody", field="to")


@dataclass(frozen=True, slots=True)
class Decided:
    """A recorded decision. ``wake`` says that the run has something to do now."""

    id: DecisionId
    at: datetime
    live_check: LiveCheck
    view: ProposalView
    run_id: RunId
    wake: bool


Keep = Callable[[AsyncSession, Decided], Awaitable[None]]


async def decide(
    database: Database,
    connectors: Connectors,
    principal: Principal,
    proposal_id: ProposalId,
    given: DecisionInput,
    *,
    keep: Keep | None = None,
) -> Decided:
    """Record the decision of a person; ``keep`` runs in the transaction that records it.

    Raises: not found, permission denied or own request (403), already decided, already claimed, digest mismatch or
    stale (409).
    """
    reach = _readable(principal)
    async with tenant(database, principal.tenant) as session:
        view = await repository.get(session, reach, proposal_id)
        _check(principal, view, given)
    live, differences = LiveCheck.NOT_NEEDED, list[FieldChange]()
    if given.kind is DecisionKind.APPROVE:
        live, differences = await look(database, connectors, principal.tenant, view)
    async with tenant(database, principal.tenant) as session:
        row = await repository.lock(session, proposal_id)
        view = await repository.get(session, reach, proposal_id)
        _check(principal, view, given)
        if differences:
            await mark_stale(session, row, differences, Writer.DECISIONS)
        else:
            written = await _write(session, principal, view, given, live)
            decided = _decided(written, await repository.get(session, reach, proposal_id))
            if keep is not None:
                await keep(session, decided)
    if differences:
        raise StaleError(
            "the record changed after this was proposed; nothing was run",
            changes=[change_json(change) for change in differences],
        )
    return decided


def hindrance(
    principal: Principal, view: ProposalView, kind: DecisionKind
) -> ConflictError | PermissionDeniedError | None:
    """Why this person may not decide so now; None when they may."""
    return _REFUSALS[kind](principal, view)


def _decided(written: DecisionTable, view: ProposalView) -> Decided:
    return Decided(
        id=DecisionId(written.id),
        at=written.at,
        live_check=LiveCheck(written.live_check),
        view=view,
        run_id=RunId(view.row.run_id),
        wake=_concerns_the_run(written.kind, view.row),
    )


def _readable(principal: Principal) -> Reach:
    return authorize(principal, Right.PROPOSALS_READ)


def _check(principal: Principal, view: ProposalView, given: DecisionInput) -> None:
    if (error := hindrance(principal, view, given.kind)) is not None:
        raise error
    if given.digest != view.row.digest:
        raise DigestMismatchError(
            f"this decision is about another content; the current digest is {view.row.digest}",
            digest=view.row.digest,
        )


async def _write(
    session: AsyncSession,
    principal: Principal,
    view: ProposalView,
    given: DecisionInput,
    live: LiveCheck,
) -> DecisionTable:
    row = view.row
    act = enter(
        session,
        row,
        given.kind,
        principal,
        reason=given.reason,
        to=given.to,
        live_check=live,
    )
    action = await _settle(session, principal, view, given)
    details = {"digest": row.digest, "kind": given.kind, "liveCheck": live, "reason": act.reason}
    wake = _concerns_the_run(given.kind, row)
    to = {"to": str(given.to)} if given.to else {}
    await announce(session, row, action, wake=wake, **details, **to)
    await session.flush()
    return act


async def _settle(
    session: AsyncSession, principal: Principal, view: ProposalView, given: DecisionInput
) -> AuditAction:
    row = view.row
    match given.kind:
        case DecisionKind.APPROVE:
            return await _sign(session, principal, view, given.hold_at_least)
        case DecisionKind.REJECT:
            apply(row, Standing(DecisionState.REJECTED, ExecutionState.NONE), Writer.DECISIONS)
            return AuditAction.PROPOSAL_REJECTED
        case DecisionKind.WITHDRAW:
            apply(row, Standing(DecisionState.WITHDRAWN, ExecutionState.NONE), Writer.DECISIONS)
            return AuditAction.PROPOSAL_WITHDRAWN
        case DecisionKind.TAKE_BACK:
            _take_back(row)
            return AuditAction.PROPOSAL_TAKEN_BACK
        case DecisionKind.DELEGATE:
            with session.no_autoflush:  # nothing is written of somebody whom nobody knows
                receiver = await check_receiver(session, principal, view, given.to)
            ask_also(row, asking(person=receiver))
            row.updated_at = now()
            return AuditAction.PROPOSAL_DELEGATED


async def _sign(
    session: AsyncSession, principal: Principal, view: ProposalView, hold_at_least: float
) -> AuditAction:
    row = view.row
    signers = [*(signature.teams for signature in view.signatures), principal.team_ids]
    counted = quorum.counted(signers, different_teams=view.terms.different_teams)
    if counted < row.required_signatures:
        row.updated_at = now()
        return AuditAction.PROPOSAL_SIGNED
    queue(row, await policy_of(session, row), hold_at_least=hold_at_least)
    return AuditAction.PROPOSAL_APPROVED


def _take_back(row: ProposalTable) -> None:
    """The signatures so far count no more. What the policy had approved by itself now needs a person."""
    apply(row, Standing(DecisionState.PENDING, ExecutionState.NONE), Writer.DECISIONS)
    row.round += 1
    row.required_signatures = max(1, row.required_signatures)
    row.dispatch_after = None


def _concerns_the_run(kind: str, row: ProposalTable) -> bool:
    return kind == DecisionKind.TAKE_BACK or row.decision != DecisionState.PENDING
