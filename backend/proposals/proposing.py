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
from backend.connectors.records import Invoice, guard, version
from backend.connectors.registry import Connectors
from backend.core.clock import now
from backend.core.errors import ConflictError
from backend.core.ids import ProposalId, RunId, new_uuid
from backend.core.money import Money
from backend.playbooks.service import Playbook, get_playbook
from backend.proposals import repository, risk
from backend.proposals.digest import change_json, seal
from backend.proposals.evidence import EvidenceClaim, Links, Subject, gather, known_ids
from backend.proposals.memory import remember, with_our_reminders
from backend.proposals.models import ProposalTable
from backend.proposals.policy import require
from backend.proposals.statement import state
from backend.proposals.states import DecisionState, ExecutionState, Standing, Writer, move
from backend.runs.service import Run, RunState, hold, load_run, set_state
from backend.verification import ladder
from backend.verification.ladder import Allowed, Known, Verdict
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


@dataclass(frozen=True, slots=True)
class _Matter:
    """Everything a draft is measured against."""

    run: Run
    playbook: Playbook
    kept: records.KeptInvoice
    subject: Subject


async def verify(
    session: AsyncSession, connectors: Connectors, run_id: RunId, live: Invoice, draft: Draft
) -> list[Verdict]:
    """The ladder's verdicts on a draft about the run's invoice, which was just read live."""
    matter = await _load(session, run_id, live, Links({}, {}))
    return await _verdicts(session, connectors, matter, draft)


async def propose(
    session: AsyncSession,
    connectors: Connectors,
    run_id: RunId,
    live: Invoice,
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
    matter = await _load(session, run_id, live, links)
    await _lock_record(session, matter.kept)
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


async def _load(session: AsyncSession, run_id: RunId, live: Invoice, links: Links) -> _Matter:
    run = await load_run(session, run_id)
    if run.subject_id is None:
        raise LookupError(f"run {run_id} is about no record")
    kept = await records.invoice(session, run.subject_id)
    customer = await records.customer(session, kept.customer_id)
    siblings = [
        other.invoice
        for other in await records.invoices_of(session, kept.customer_id)
        if other.id != kept.id
    ]
    playbook = await get_playbook(session, run.playbook_id, run.playbook_version)
    counted = with_our_reminders(live, await remember(session, kept.id))
    return _Matter(run, playbook, kept, Subject(counted, customer.customer, siblings, links))


async def _verdicts(
    session: AsyncSession, connectors: Connectors, matter: _Matter, draft: Draft
) -> list[Verdict]:
    another = await repository.open_on_record(session, matter.kept.id)
    definition, subject = matter.playbook.definition, matter.subject
    return ladder.climb(
        connectors.actions.get(draft.action),
        draft.parameters,
        [claim.record_id for claim in draft.evidence],
        Known(subject.invoice, {s.source_id: s for s in subject.siblings}, known_ids(subject)),
        Allowed(definition.actions, definition.limits, another.sentence if another else None),
    )


async def _lock_record(session: AsyncSession, kept: records.KeptInvoice) -> None:
    """Two runs that look at the same record propose one after the other."""
    await session.execute(
        select(InvoiceRecord.id).where(InvoiceRecord.id == kept.id).with_for_update()
    )


async def _row(
    session: AsyncSession,
    action: Action,
    matter: _Matter,
    draft: Draft,
    attempts: Sequence[Attempt],
) -> ProposalTable:
    invoice, run = matter.subject.invoice, matter.run
    typed = msgspec.convert(dict(draft.parameters), action.parameters)
    amount = action.amount(invoice, typed)
    guarded = guard(invoice, action.guard_fields)
    requirement = require(matter.playbook.definition.policy, amount)
    share = await _share_below(session, invoice, amount)
    reasons = risk.assess(action, amount=amount, share_below=share, confidence=draft.confidence)
    asked = Standing(DecisionState.PENDING, ExecutionState.NONE)
    move(None, asked, Writer.PROPOSING)
    proposal_id, parameters = new_uuid(), msgspec.to_builtins(typed)
    changes = [change_json(change) for change in action.changes(invoice, typed)]
    source_version = version(guarded)
    return ProposalTable(
        org_id=run.org_id,
        id=proposal_id,
        run_id=run.id,
        playbook_id=run.playbook_id,
        playbook_version=run.playbook_version,
        team_id=run.team_id,
        requested_by=run.requested_by,
        connection_id=matter.kept.connection_id,
        action=action.name,
        target_kind=action.target_kind,
        target_record_id=matter.kept.id,
        target_source_id=invoice.source_id,
        target_label=invoice.number,
        party=invoice.customer_name,
        source_version=source_version,
        guard=guarded,
        revision=1,
        parameters=parameters,
        changes=changes,
        amount_minor=amount.minor if amount else None,
        currency=amount.currency if amount else invoice.currency,
        digest=seal(
            org_id=run.org_id,
            proposal_id=proposal_id,
            revision=1,
            connection_id=matter.kept.connection_id,
            action=action.name,
            target_record_id=matter.kept.id,
            source_version=source_version,
            parameters=parameters,
            changes=changes,
        ),
        sentence=state(
            action.words, amount=amount, record=invoice.number, party=invoice.customer_name
        ).text,
        how=[list(pair) for pair in action.how(invoice, typed)],
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


async def _share_below(session: AsyncSession, invoice: Invoice, amount: Money | None) -> float:
    """The share of the organization's open invoices in this currency with a smaller balance; 0 to 1."""
    if amount is None:
        return 0.0
    of_currency = (InvoiceRecord.status == "open", InvoiceRecord.currency == invoice.currency)
    smaller = func.count().filter(InvoiceRecord.balance < amount.minor)
    query = select(smaller, func.count()).select_from(InvoiceRecord).where(*of_currency)
    below, all_open = (await session.execute(query)).one()
    return below / all_open if all_open else 0.0
