"""Another revision of a pending proposal by a person: verified at once on the live record, sealed anew, unsigned.

What was signed so far counts no more, for it was another content.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors.records import Record
from backend.connectors.registry import Connectors
from backend.core.clock import now
from backend.core.db import Database
from backend.core.errors import InvalidInputError
from backend.core.ids import ProposalId, RunId
from backend.proposals import repository
from backend.proposals.decisions import DigestMismatchError, StaleError
from backend.proposals.digest import change_json
from backend.proposals.drift import drift, read_live
from backend.proposals.evidence import Links
from backend.proposals.judging import Judged, judge, put_content
from backend.proposals.matter import load_matter
from backend.proposals.models import ProposalTable, RevisionTable
from backend.proposals.policy import cannot_edit
from backend.proposals.recording import announce, enter, keep_revision
from backend.proposals.settling import mark_stale, policy_of, put_terms
from backend.proposals.states import Writer
from backend.proposals.views import ProposalView
from tenancy.audit import AuditAction
from tenancy.context import Principal
from tenancy.permissions import Right, authorize
from tenancy.session import tenant


@dataclass(frozen=True, slots=True)
class EditInput:
    """All parameters of the revision that ``digest`` names, as they shall be, and why. ``dry_run`` writes nothing."""

    digest: str
    parameters: Mapping[str, Any]
    reason: str = ""
    dry_run: bool = False

    def __post_init__(self) -> None:
        if not self.dry_run and not self.reason.strip():
            raise InvalidInputError("an edit needs a reason", field="reason")


@dataclass(frozen=True, slots=True)
class Edited:
    """What verification said of the edit. ``view`` is the proposal in its new revision when it was written."""

    judged: Judged
    policy_reason: str | None
    view: ProposalView | None


Keep = Callable[[AsyncSession, Edited], Awaitable[None]]


async def edit(
    database: Database,
    connectors: Connectors,
    principal: Principal,
    proposal_id: ProposalId,
    given: EditInput,
    *,
    keep: Keep | None = None,
) -> Edited:
    """Write another revision unless the ladder or the policy refuses it; ``keep`` runs in the same transaction.

    Raises: not found, permission denied (403), already decided, digest mismatch or stale (409), nothing changed (422);
    an ``UpstreamError`` when the record cannot be read now, for what was not verified is not written.
    """
    async with tenant(database, principal.tenant) as session:
        view = await _editable(session, principal, proposal_id, given)
    live = await read_live(database, connectors, principal.tenant, view.row)
    action = connectors.action(view.row.action)
    if differences := drift(action, view.row, live):
        async with tenant(database, principal.tenant) as session:
            row = await repository.lock(session, proposal_id)
            await _editable(session, principal, proposal_id, given)
            await mark_stale(session, row, differences, Writer.DECISIONS)
        raise StaleError(
            "the record changed after this was proposed; nothing was run",
            changes=[change_json(change) for change in differences],
        )
    async with tenant(database, principal.tenant) as session:
        row = await repository.lock(session, proposal_id)
        await _editable(session, principal, proposal_id, given)
        edited = await _revise(session, connectors, principal, row, live=live, given=given)
        if keep is not None:
            await keep(session, edited)
    return edited


async def revise_by_agent(
    session: AsyncSession,
    connectors: Connectors,
    proposal_id: ProposalId,
    live: Record,
    *,
    parameters: Mapping[str, Any],
    reason: str,
) -> Judged:
    """Write another revision as the agent, in answer to a question. The caller has read the record live."""
    row = await repository.lock(session, proposal_id)
    judged = await _judge(session, connectors, row, live, parameters)
    if judged.content is not None:
        row.edited_by, row.edit_lowers = None, False
        await _write(session, row, judged, None, reason)
        await announce(session, row, AuditAction.PROPOSAL_REVISED, digest=row.digest, reason=reason)
    return judged


async def _editable(
    session: AsyncSession, principal: Principal, proposal_id: ProposalId, given: EditInput
) -> ProposalView:
    view = await repository.get(session, authorize(principal, Right.PROPOSALS_READ), proposal_id)
    if (error := cannot_edit(principal, view)) is not None:
        raise error
    if given.digest != view.row.digest:
        raise DigestMismatchError(
            f"this edit is about another content; the current digest is {view.row.digest}",
            digest=view.row.digest,
        )
    return view


async def _revise(
    session: AsyncSession,
    connectors: Connectors,
    principal: Principal,
    row: ProposalTable,
    *,
    live: Record,
    given: EditInput,
) -> Edited:
    judged = await _judge(session, connectors, row, live, given.parameters)
    if judged.content is None:
        return Edited(judged, None, None)
    if judged.content.parameters == row.parameters:
        raise InvalidInputError("the edit changes nothing", field="parameters")
    if given.dry_run:
        return Edited(judged, None, None)
    before = await _before(session, row, principal.user_id)
    amount = judged.content.amount
    row.edited_by = principal.user_id
    row.edit_lowers = amount is not None and before is not None and amount.minor < before
    await _write(session, row, judged, principal, given.reason.strip())
    await announce(
        session, row, AuditAction.PROPOSAL_EDITED, digest=row.digest, reason=given.reason
    )
    await session.flush()
    reach = authorize(principal, Right.PROPOSALS_READ)
    view = await repository.get(session, reach, ProposalId(row.id))
    return Edited(judged, row.policy_reason, view)


async def _judge(
    session: AsyncSession,
    connectors: Connectors,
    row: ProposalTable,
    live: Record,
    parameters: Mapping[str, Any],
) -> Judged:
    matter = await load_matter(session, RunId(row.run_id), live, Links())
    return await judge(
        session,
        connectors,
        matter,
        row.action,
        parameters,
        confidence=row.confidence,
        corrections=max(0, len(row.attempts) - 1),
        apart_from=ProposalId(row.id),
    )


async def _write(
    session: AsyncSession,
    row: ProposalTable,
    judged: Judged,
    author: Principal | None,
    reason: str,
) -> None:
    if judged.content is None:
        raise ValueError("only what passed verification becomes a revision")
    row.revision += 1
    put_content(row, judged.content, judged.reasons)
    await put_terms(session, row, await policy_of(session, row))
    row.updated_at = now()
    keep_revision(session, row, author, reason)
    enter(session, row, "edit", author, reason=reason)


async def _before(session: AsyncSession, row: ProposalTable, author: UUID) -> int | None:
    """The amount of the last revision that somebody else wrote: a raise and a cut by one person are no cut."""
    query = (
        select(RevisionTable.amount_minor)
        .where(
            RevisionTable.proposal_id == row.id,
            RevisionTable.author_id.is_distinct_from(author),
        )
        .order_by(RevisionTable.revision.desc())
        .limit(1)
    )
    return await session.scalar(query)
