"""Turns an agent's draft into a proposal: loads what is known, climbs the ladder, seals and stores it once per run."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors import repository as records
from backend.connectors.actions import Action
from backend.connectors.models import InvoiceRecord
from backend.connectors.records import Record
from backend.connectors.registry import Connectors
from backend.core.clock import now
from backend.core.errors import ConflictError
from backend.core.ids import ProposalId, RunId, new_uuid
from backend.core.money import Money
from backend.proposals import repository, risk
from backend.proposals.content import content_of
from backend.proposals.digest import seal
from backend.proposals.evidence import EvidenceClaim, Links, gather
from backend.proposals.matter import Matter, load_matter, verdicts_on
from backend.proposals.models import ProposalTable
from backend.proposals.policy import require
from backend.proposals.states import DecisionState, ExecutionState, Standing, Writer, move
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
    session: AsyncSession, connectors: Connectors, run_id: RunId, live: Record, draft: Draft
) -> list[Verdict]:
    """The ladder's verdicts on a draft about the run's target, which was just read live."""
    matter = await load_matter(session, run_id, live, Links())
    return await _verdicts(session, connectors, matter, draft)


async def propose(
    session: AsyncSession,
    connectors: Connectors,
    run_id: RunId,
    live: Record,
    draft: Draft,
    *,
    attempts: Sequence[Attempt],
    links: Links,
) -> ProposalId:
    """Seal the draft and ask people. A run proposes once; asking again gives the same proposal.

    Raises :class:`DraftRefusedError` when the ladder refuses it now, for example after another run was faster,
    and ``RunEndedError`` when somebody has ended the run.
    """
    if earlier := await repository.of_run(session, run_id):
        return ProposalId(earlier[0].row.id)
    await hold(session, run_id)
    matter = await load_matter(session, run_id, live, links)
    await records.hold(session, matter.kept)
    refused = [v for v in await _verdicts(session, connectors, matter, draft) if not v.passed]
    if refused:
        raise DraftRefusedError(" ".join(refused[0].messages))
    row = await _row(session, connectors.action(draft.action), matter, draft, attempts)
    session.add(row)
    await session.flush()
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
    await set_state(session, run_id, RunState.WAITING, outcome=f"Proposed: {row.sentence}")
    return ProposalId(row.id)


async def _verdicts(
    session: AsyncSession, connectors: Connectors, matter: Matter, draft: Draft
) -> list[Verdict]:
    cited = [claim.record_id for claim in draft.evidence]
    return await verdicts_on(session, connectors, matter, draft.action, draft.parameters, cited)


async def _row(
    session: AsyncSession,
    action: Action,
    matter: Matter,
    draft: Draft,
    attempts: Sequence[Attempt],
) -> ProposalTable:
    run, kept = matter.run, matter.kept
    content = content_of(action, matter.subject.record, draft.parameters)
    requirement = require(matter.playbook.definition.policy, content.amount)
    share = await _share_below(session, content.amount)
    reasons = risk.assess(
        action, amount=content.amount, share_below=share, confidence=draft.confidence
    )
    asked = Standing(DecisionState.PENDING, ExecutionState.NONE)
    move(None, asked, Writer.PROPOSING)
    proposal_id = new_uuid()
    return ProposalTable(
        org_id=run.org_id,
        id=proposal_id,
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
        target_label=content.label,
        party=content.party,
        source_version=content.source_version,
        guard=content.guard,
        revision=1,
        parameters=content.parameters,
        changes=content.changes,
        amount_minor=content.amount.minor if content.amount else None,
        currency=content.currency,
        digest=seal(
            org_id=run.org_id,
            proposal_id=proposal_id,
            revision=1,
            connection_id=kept.connection_id,
            action=action.name,
            target_record_id=kept.id,
            source_version=content.source_version,
            parameters=content.parameters,
            changes=content.changes,
        ),
        sentence=content.sentence,
        how=content.how,
        summary=draft.summary,
        reasoning=draft.reasoning,
        plan=list(draft.plan),
        attempts=[msgspec.to_builtins(attempt) for attempt in attempts],
        evidence=[asdict(item) for item in gather(matter.subject, draft.evidence)],
        model=run.model,
        confidence=draft.confidence,
        risk_score=risk.score(reasons),
        risk_reasons=[asdict(reason) for reason in reasons],
        required_signatures=requirement.signatures,
        policy_reason=requirement.reason,
        decision=asked.decision,
        execution=asked.execution,
        stale_changes=[],
        due_at=now() + timedelta(hours=matter.playbook.definition.policy.due_hours),
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
