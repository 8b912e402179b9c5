"""The decision service: the one arbiter of every path. The first valid decision wins, a later one is told who won.

It reads the target live before it locks, then writes decision, state, audit, event and wake-up in one transaction.
Waking the workflow after the commit is the caller's part.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors.actions import FieldChange
from backend.connectors.base import UpstreamNotFoundError
from backend.connectors.registry import Connectors
from backend.core.clock import now
from backend.core.db import Database
from backend.core.errors import (
    ConflictError,
    InvalidInputError,
    UpstreamError,
    UpstreamRejectedError,
)
from backend.core.ids import DecisionId, PlaybookId, ProposalId, RunId, new_uuid
from backend.playbooks.service import get_playbook
from backend.proposals import repository
from backend.proposals.digest import change_json
from backend.proposals.drift import drift, gone, read_live
from backend.proposals.models import DecisionTable, ProposalTable
from backend.proposals.policy import cannot_take_back, cannot_withdraw, refusal
from backend.proposals.states import DecisionState, ExecutionState, Standing, Writer
from backend.proposals.transition import apply
from backend.proposals.views import ProposalView
from tenancy.audit import AuditAction
from tenancy.changes import Change, EventKind, WakeKind, Wakeup, record
from tenancy.context import Principal, TenantContext
from tenancy.permissions import Reach, Right, authorize
from tenancy.session import tenant

LIVE_READ_SECONDS = 3
_log = structlog.get_logger()


class DecisionKind(StrEnum):
    """What a person may decide."""

    APPROVE = "approve"
    REJECT = "reject"
    TAKE_BACK = "take_back"
    WITHDRAW = "withdraw"


_REASONED = {DecisionKind.REJECT: "a rejection", DecisionKind.WITHDRAW: "a withdrawal"}
_REFUSALS = {
    DecisionKind.APPROVE: refusal,
    DecisionKind.REJECT: refusal,
    DecisionKind.TAKE_BACK: cannot_take_back,
    DecisionKind.WITHDRAW: cannot_withdraw,
}


class LiveCheck(StrEnum):
    """What the live read before the decision found."""

    UNCHANGED = "unchanged"
    UNREACHABLE = "unreachable"
    NOT_NEEDED = "not_needed"


class StaleError(ConflictError):
    """The record changed outside since the proposal was made; ``extra["changes"]`` says what."""

    code = "stale"


class DigestMismatchError(ConflictError):
    """The decision names another revision than the current one."""

    code = "digest_mismatch"


@dataclass(frozen=True, slots=True)
class DecisionInput:
    """A decision on the revision that ``digest`` names; what ends it needs a reason."""

    kind: DecisionKind
    digest: str
    reason: str | None = None

    def __post_init__(self) -> None:
        if self.kind in _REASONED and not (self.reason or "").strip():
            raise InvalidInputError(f"{_REASONED[self.kind]} needs a reason", field="reason")


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
        live, differences = await _look(database, connectors, principal.tenant, view)
    async with tenant(database, principal.tenant) as session:
        row = await repository.lock(session, proposal_id)
        view = await repository.get(session, reach, proposal_id)
        _check(principal, view, given)
        if differences:
            mark_stale(session, row, differences, Writer.DECISIONS)
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


async def expire(database: Database, context: TenantContext, proposal_id: ProposalId) -> bool:
    """Let a proposal expire whose time is over and which nobody decided; says whether it did."""
    async with tenant(database, context) as session:
        row = await repository.lock(session, proposal_id)
        if row.decision != DecisionState.PENDING or row.due_at is None or row.due_at > now():
            return False
        apply(row, Standing(DecisionState.EXPIRED, ExecutionState.NONE), Writer.DECISIONS)
        _announce(session, row, AuditAction.PROPOSAL_EXPIRED, wake=False)
        return True


def mark_stale(
    session: AsyncSession, row: ProposalTable, differences: list[FieldChange], writer: Writer
) -> None:
    """Write down what changed outside; nothing will run. The row must be locked."""
    apply(row, Standing(DecisionState.STALE, ExecutionState.NONE), writer)
    row.stale_changes = [change_json(change) for change in differences]
    fields = [change.path for change in differences]
    _announce(session, row, AuditAction.PROPOSAL_STALE, wake=True, fields=fields)


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
    if (error := _REFUSALS[given.kind](principal, view)) is not None:
        raise error
    if given.digest != view.row.digest:
        raise DigestMismatchError(
            f"this decision is about another content; the current digest is {view.row.digest}",
            digest=view.row.digest,
        )


async def _look(
    database: Database, connectors: Connectors, context: TenantContext, view: ProposalView
) -> tuple[LiveCheck, list[FieldChange]]:
    try:
        async with asyncio.timeout(LIVE_READ_SECONDS):
            invoice = await read_live(database, connectors, context, view.row)
    except UpstreamNotFoundError:
        return LiveCheck.UNCHANGED, [gone(view.row)]
    except (TimeoutError, UpstreamError, UpstreamRejectedError) as error:
        _log.warning("decision.live_read.failed", proposal_id=str(view.row.id), error=str(error))
        return LiveCheck.UNREACHABLE, []
    return LiveCheck.UNCHANGED, drift(connectors.action(view.row.action), view.row, invoice)


async def _write(
    session: AsyncSession,
    principal: Principal,
    view: ProposalView,
    given: DecisionInput,
    live: LiveCheck,
) -> DecisionTable:
    row = view.row
    decision = DecisionTable(
        org_id=row.org_id,
        id=new_uuid(),
        proposal_id=row.id,
        revision=row.revision,
        round=row.round,
        digest=row.digest,
        kind=given.kind,
        reason=(given.reason or "").strip() or None,
        user_id=principal.user_id,
        channel=principal.channel,
        live_check=live,
        at=now(),
    )
    session.add(decision)
    action = await _settle(session, view, given)
    wake = _concerns_the_run(given.kind, row)
    details = {"digest": row.digest, "kind": given.kind, "liveCheck": live}
    _announce(session, row, action, wake=wake, reason=decision.reason, **details)
    await session.flush()
    return decision


async def _settle(session: AsyncSession, view: ProposalView, given: DecisionInput) -> AuditAction:
    row = view.row
    match given.kind:
        case DecisionKind.APPROVE:
            return await _sign(session, view)
        case DecisionKind.REJECT:
            apply(row, Standing(DecisionState.REJECTED, ExecutionState.NONE), Writer.DECISIONS)
            return AuditAction.PROPOSAL_REJECTED
        case DecisionKind.WITHDRAW:
            apply(row, Standing(DecisionState.WITHDRAWN, ExecutionState.NONE), Writer.DECISIONS)
            return AuditAction.PROPOSAL_WITHDRAWN
        case DecisionKind.TAKE_BACK:
            apply(row, Standing(DecisionState.PENDING, ExecutionState.NONE), Writer.DECISIONS)
            row.round += 1  # the signatures so far count no more
            row.dispatch_after = None
            return AuditAction.PROPOSAL_TAKEN_BACK


async def _sign(session: AsyncSession, view: ProposalView) -> AuditAction:
    row = view.row
    if len(view.signatures) + 1 < row.required_signatures:
        row.updated_at = now()
        return AuditAction.PROPOSAL_SIGNED
    playbook = await get_playbook(session, PlaybookId(row.playbook_id), row.playbook_version)
    apply(row, Standing(DecisionState.APPROVED, ExecutionState.QUEUED), Writer.DECISIONS)
    row.dispatch_after = now() + timedelta(seconds=playbook.definition.policy.hold_seconds)
    return AuditAction.PROPOSAL_APPROVED


def _concerns_the_run(kind: str, row: ProposalTable) -> bool:
    return kind == DecisionKind.TAKE_BACK or row.decision != DecisionState.PENDING


def _announce(
    session: AsyncSession, row: ProposalTable, action: AuditAction, *, wake: bool, **details: object
) -> None:
    wakeup = Wakeup(WakeKind.WAKE_RUN, row.run_id) if wake else None
    record(
        session,
        Change(
            row.id, event=EventKind.PROPOSAL_CHANGED, audit=action, details=details, wake=wakeup
        ),
    )
