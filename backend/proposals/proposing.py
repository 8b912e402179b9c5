"""Turns an agent's draft into a proposal: loads what is known, climbs the ladder, seals and stores it once per run."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors import repository as records
from backend.connectors.actions import Action
from backend.connectors.base import Payment
from backend.connectors.records import Record
from backend.connectors.registry import Connectors
from backend.core.clock import now
from backend.core.errors import ConflictError
from backend.core.ids import ProposalId, RunId, new_uuid
from backend.proposals import repository
from backend.proposals.content import Content
from backend.proposals.evidence import EvidenceClaim, Links, gather
from backend.proposals.judging import Judged, judge, put_content
from backend.proposals.matter import Matter, load_matter
from backend.proposals.models import ProposalTable
from backend.proposals.notifying import notify
from backend.proposals.recording import keep_revision
from backend.proposals.risk import RiskReason
from backend.proposals.settling import approve_by_policy, put_terms
from backend.proposals.states import DecisionState, ExecutionState, Standing, Writer, move
from backend.proposals.timekeeping import begin_clock
from backend.runs.service import RunState, hold, set_state
from backend.verification.ladder import Verdict
from tenancy.audit import AuditAction
from tenancy.changes import Change, EventKind, record


@dataclass(frozen=True, slots=True)
class Draft:
    """What an agent wants to do and why. ``parameters`` are the action's; nothing else reaches the vendor."""

    action: str
    parameters: Mapping[str, Any]
    summary: str
    reasoning: str
    plan: tuple[str, ...]
    evidence: tuple[EvidenceClaim, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class Attempt:
    """One draft in words and what the ladder said of it."""

    number: int
    draft: str
    verdicts: tuple[Verdict, ...]


class DraftRefusedError(ConflictError):
    """The draft does not pass the ladder any more, at the moment of proposing."""

    code = "draft_refused"


async def verify(
    session: AsyncSession,
    connectors: Connectors,
    run_id: RunId,
    live: Record,
    draft: Draft,
    *,
    corrections: int = 0,
) -> list[Verdict]:
    """What the ladder and the approval policy say of a draft about the run's target, which was just read live."""
    matter = await load_matter(session, run_id, live, Links())
    return (await _judge(session, connectors, matter, draft, corrections)).verdicts


async def propose(
    session: AsyncSession,
    connectors: Connectors,
    run_id: RunId,
    live: Record,
    draft: Draft,
    *,
    attempts: Sequence[Attempt],
    links: Links,
    payments: Sequence[Payment] = (),
) -> ProposalId:
    """Seal the draft and ask people. A run proposes once; asking again gives the same proposal.

    Raises :class:`DraftRefusedError` when the ladder refuses it now, for example after another run was faster,
    and ``RunEndedError`` when somebody has ended the run.
    """
    if earlier := await repository.of_run(session, run_id):
        return ProposalId(earlier[0].row.id)
    await hold(session, run_id)
    matter = await load_matter(session, run_id, live, links, payments)
    await records.hold(session, matter.kept)
    judged = await _judge(session, connectors, matter, draft, max(0, len(attempts) - 1))
    if judged.content is None:
        refused = next(verdict for verdict in judged.verdicts if not verdict.passed)
        raise DraftRefusedError(" ".join(refused.messages))
    action = connectors.action(draft.action)
    row = _row(action, matter, draft, judged.content, judged.reasons)
    row.attempts = [msgspec.to_builtins(attempt) for attempt in attempts]
    policy = matter.playbook.definition.policy
    await put_terms(session, row, policy)
    begin_clock(row, policy, now())
    session.add(row)
    await session.flush()
    keep_revision(session, row, author=None)
    details = {"action": row.action, "digest": row.digest, "risk": row.risk_score}
    record(
        session,
        Change(
            row.id,
            event=EventKind.PROPOSAL_CREATED,
            audit=AuditAction.PROPOSAL_CREATED,
            details=details,
        ),
    )
    await notify(session, row, AuditAction.PROPOSAL_CREATED)
    if row.undoes_id is not None:  # its card names the undo
        record(session, Change(row.undoes_id, event=EventKind.PROPOSAL_CHANGED))
    await set_state(session, run_id, RunState.WAITING, outcome=f"Proposed: {row.sentence}")
    if row.required_signatures == 0:
        await approve_by_policy(session, row, policy, row.policy_reason)
    return ProposalId(row.id)


async def _judge(
    session: AsyncSession, connectors: Connectors, matter: Matter, draft: Draft, corrections: int
) -> Judged:
    cited = [claim.record_id for claim in draft.evidence]
    return await judge(
        session,
        connectors,
        matter,
        draft.action,
        draft.parameters,
        evidence_ids=cited,
        confidence=draft.confidence,
        corrections=corrections,
        beside=() if matter.run.undoes is None else (draft.action,),
    )


def _row(
    action: Action,
    matter: Matter,
    draft: Draft,
    content: Content,
    reasons: Sequence[RiskReason],
) -> ProposalTable:
    run, kept = matter.run, matter.kept
    asked = Standing(DecisionState.PENDING, ExecutionState.NONE)
    move(None, asked, Writer.PROPOSING)
    row = ProposalTable(
        org_id=run.org_id,
        id=new_uuid(),
        run_id=run.id,
        playbook_id=run.playbook_id,
        playbook_version=run.playbook_version,
        team_id=run.team_id,
        requested_by=run.requested_by,
        connection_id=kept.connection_id,
        action=action.name,
        target_kind=action.target_kind,
        target_record_id=kept.id,
        target_source_id=kept.record.source_id,
        revision=1,
        summary=draft.summary,
        reasoning=draft.reasoning,
        plan=list(draft.plan),
        evidence=[asdict(item) for item in gather(matter.subject, draft.evidence)],
        model=run.model,
        confidence=draft.confidence,
        decision=asked.decision,
        execution=asked.execution,
        stale_changes=[],
        undoes_id=run.undoes,
    )
    put_content(row, content, reasons)
    return row
