"""An effect whose outcome nobody knows, settled by a person: read back once more, or said to be done or not done.

Nothing is ever sent from here.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors import repository as records
from backend.connectors.base import Outcome, UpstreamNotFoundError
from backend.connectors.models import Connection
from backend.connectors.registry import Connectors
from backend.core.clock import now
from backend.core.db import Database
from backend.core.errors import InvalidInputError
from backend.core.ids import ConnectionId, ProposalId, RunId
from backend.proposals import repository
from backend.proposals.effects import effect_of, settle
from backend.proposals.models import EffectTable, ProposalTable
from backend.proposals.policy import cannot_resolve
from backend.proposals.recording import announce, enter
from backend.proposals.states import ExecutionState
from backend.proposals.views import ProposalView
from backend.runs.service import Step, add_step
from tenancy.audit import AuditAction
from tenancy.context import Principal
from tenancy.permissions import Reach, Right, authorize
from tenancy.session import tenant


class ResolutionKind(StrEnum):
    """What a person may do about an unknown outcome."""

    CHECK_AGAIN = "check_again"
    MARK_DONE = "mark_done"
    MARK_NOT_DONE = "mark_not_done"


_MARKS = {
    ResolutionKind.MARK_DONE: (ExecutionState.EXECUTED, AuditAction.EFFECT_MARKED_DONE, "done"),
    ResolutionKind.MARK_NOT_DONE: (
        ExecutionState.FAILED,
        AuditAction.EFFECT_MARKED_NOT_DONE,
        "not done",
    ),
}


@dataclass(frozen=True, slots=True)
class ResolutionInput:
    """What to do about an unknown outcome; saying what happened needs a reason."""

    kind: ResolutionKind
    reason: str | None = None

    def __post_init__(self) -> None:
        if self.kind in _MARKS and not (self.reason or "").strip():
            raise InvalidInputError("say how you know what happened", field="reason")


@dataclass(frozen=True, slots=True)
class Resolved:
    """How the proposal stands after it; ``message`` says it in a sentence."""

    at: datetime
    message: str
    view: ProposalView


Keep = Callable[[AsyncSession, Resolved], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Doubt:
    """An unknown effect with all that reading it back takes."""

    view: ProposalView
    effect: EffectTable
    connection: Connection


async def resolve(
    database: Database,
    connectors: Connectors,
    principal: Principal,
    proposal_id: ProposalId,
    given: ResolutionInput,
    *,
    keep: Keep | None = None,
) -> Resolved:
    """Settle an unknown effect, or read it back and say that there is no trace of it.

    ``keep`` runs in the transaction that writes it down.

    Raises: not found, permission denied or own request (403), outcome known (409), an upstream error when the outside
    system does not answer.
    """
    reach, at = authorize(principal, Right.PROPOSALS_READ), now()
    async with tenant(database, principal.tenant) as session:
        doubt = await _doubt(session, principal, reach, proposal_id)
    check = given.kind is ResolutionKind.CHECK_AGAIN
    found = await _read_back(connectors, doubt) if check else None
    async with tenant(database, principal.tenant) as session:
        await repository.lock(session, proposal_id)
        doubt = await _doubt(session, principal, reach, proposal_id)
        row = doubt.view.row
        if check:
            vendor = connectors.action(row.action).vendor.capitalize()
            message = await _checked(session, row, found, vendor)
        else:
            message = await _marked(session, principal, row, given)
        summary = f"{principal.name}: {message}"
        name = f"{given.kind}-{at.isoformat()}"
        step = Step(name, "record", given.kind, summary, at, now())
        await add_step(session, RunId(row.run_id), step)
        await session.flush()
        resolved = Resolved(at, message, await repository.get(session, reach, proposal_id))
        if keep is not None:
            await keep(session, resolved)
        return resolved


async def _doubt(
    session: AsyncSession, principal: Principal, reach: Reach, proposal_id: ProposalId
) -> _Doubt:
    view = await repository.get(session, reach, proposal_id)
    if (error := cannot_resolve(principal, view)) is not None:
        raise error
    effect = await effect_of(session, view.row)
    connection = await records.connection(session, ConnectionId(view.row.connection_id))
    return _Doubt(view, effect, connection)


async def _read_back(connectors: Connectors, doubt: _Doubt) -> Outcome | None:
    row, effect = doubt.view.row, doubt.effect
    since = effect.dispatched_at or effect.created_at
    async with connectors.open(doubt.connection) as adapter:
        try:
            return await connectors.action(row.action).read_back(
                adapter, row.target_source_id, str(effect.id), since
            )
        except UpstreamNotFoundError:
            return None  # what it would have changed is gone, and its trace with it


async def _checked(
    session: AsyncSession, row: ProposalTable, found: Outcome | None, vendor: str
) -> str:
    if found is not None:
        effect = await settle(session, row, ExecutionState.EXECUTED, outcome=found)
        await announce(
            session, row, AuditAction.EFFECT_CONFIRMED, effect=str(effect.id), error=None
        )
        return f"{vendor} has carried it out"
    message = f"Read back again: {vendor} shows no trace of it, so the outcome stays unknown"
    effect = await effect_of(session, row)
    effect.error = message
    row.updated_at = now()
    await announce(session, row, AuditAction.EFFECT_CHECKED, effect=str(effect.id), reason=message)
    return message


async def _marked(
    session: AsyncSession, principal: Principal, row: ProposalTable, given: ResolutionInput
) -> str:
    state, audit, word = _MARKS[given.kind]
    reason = (given.reason or "").strip()
    enter(session, row, given.kind, principal, reason=reason)
    error = reason if state is ExecutionState.FAILED else None
    effect = await settle(session, row, state, error=error)
    await announce(session, row, audit, effect=str(effect.id), reason=reason)
    return f"Marked as {word}: {reason}"
