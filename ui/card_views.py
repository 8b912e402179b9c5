"""Turns the wire's proposal into the card that the pages show. Formats only; decides nothing."""

from backend.schemas.common import Money
from backend.schemas.proposals import (
    Attempt,
    Change,
    Evidence,
    HistoryEntry,
    ProposalCard,
    ProposalRow,
)
from ui import formats
from ui.formats import Piece
from ui.view_models import (
    AttemptView,
    CardView,
    ChangeView,
    EvidenceView,
    HistoryView,
    Pair,
    RiskLine,
    RuleView,
    SignatureView,
    VerdictView,
    standing,
)

SHORT_TEXT = 24


def card_view(card: ProposalCard, me: str) -> CardView:
    """The card as ``me`` (a user id) sees it."""
    now = standing(card)
    decided = _last_decision(card)
    effect = card.effect
    return CardView(
        id=card.id,
        short_id=formats.short_id(card.id),
        playbook=f"{card.playbook}, version {card.playbook_version}",
        created_at=card.created_at.isoformat(),
        text=card.statement.text,
        pieces=_statement(card, done=now == "executed"),
        summary=card.summary,
        standing=now,
        decision=card.decision,
        execution=card.execution,
        your_turn=card.your_turn,
        system=card.target.system,
        record=card.target.label,
        record_url=card.target.url or "",
        button=card.statement.button,
        digest=card.digest,
        short_digest=formats.short_digest(card.digest),
        revision=card.revision,
        source_version=card.source_version[:8],
        changes=_changes(card.changes),
        stale_changes=_changes(card.stale_changes),
        how=[Pair(label, value) for label, value in card.how],
        reasoning=card.reasoning,
        plan=card.plan,
        attempts=[_attempt(a) for a in card.attempts],
        attempts_word=_count(len(card.attempts), "attempt"),
        model=_model(card.model),
        confidence=f"{card.confidence:.0%}".replace("%", f"{formats.NO_BREAK}%"),
        evidence=[_evidence(i, e) for i, e in enumerate(card.evidence, 1)],
        policy_reason=formats.sentence(card.policy.reason),
        rules=[RuleView(rule.text, rule.applies) for rule in card.policy.rules],
        on_silence=formats.sentence(card.policy.on_silence),
        hold=_hold(card.policy.hold_seconds),
        risk_score=card.risk.score,
        risk_band=card.risk.band,
        risk_lines=_risk(card),
        signed_word=f"{len(card.signatures)} of {card.required_signatures}",
        signatures=_signatures(card, me),
        due_at=card.due_at.isoformat() if card.due_at else "",
        can_approve=card.can_approve.allowed,
        approve_reason=formats.sentence(card.can_approve.reason or ""),
        can_reject=card.can_reject.allowed,
        reject_reason=formats.sentence(card.can_reject.reason or ""),
        can_take_back=card.can_take_back.allowed,
        take_back_reason=formats.sentence(card.can_take_back.reason or ""),
        can_withdraw=card.can_withdraw.allowed,
        withdraw_reason=formats.sentence(card.can_withdraw.reason or ""),
        can_resolve=card.can_resolve.allowed,
        resolve_reason=formats.sentence(card.can_resolve.reason or ""),
        run_id=card.run_id,
        decided_by=decided.actor.name if decided and decided.actor else "",
        decided_detail=(decided.detail or "") if decided else "",
        effect_key=effect.idempotency_key if effect else "",
        effect_error=formats.sentence(effect.error or "") if effect else "",
        marked_by=card.resolution.by.name if card.resolution else "",
        marked_reason=(card.resolution.reason or "") if card.resolution else "",
        object_id=(effect.vendor_object_id or "") if effect else "",
        object_url=(effect.vendor_object_url or "") if effect else "",
        confirmed_at=effect.confirmed_at.isoformat() if effect and effect.confirmed_at else "",
        history=[_history(entry) for entry in card.history],
    )


def _statement(card: ProposalRow, *, done: bool) -> list[Piece]:
    statement = card.statement
    text = statement.text
    if done and text.startswith(statement.verb):
        text = statement.done + text[len(statement.verb) :]
    marks = {statement.record: "record", statement.party: "party"}
    if statement.amount is not None:
        figure = formats.amount(statement.amount)
        marks |= {figure: "amount", figure.replace(formats.NO_BREAK, " "): "amount"}
    return formats.marked(text, marks)


def _changes(changes: list[Change]) -> list[ChangeView]:
    views = [_change(change) for change in changes]
    if changes and isinstance(changes[-1].after, Money):
        views[-1] = _change(changes[-1], total=True)
    return views


def _change(change: Change, *, total: bool = False) -> ChangeView:
    before, after = (
        formats.value(change.before, change.kind),
        formats.value(change.after, change.kind),
    )
    delta = formats.difference(change)
    words = change.kind == "text" and change.before and change.after and len(after) > SHORT_TEXT
    return ChangeView(
        label=change.label,
        path=change.path,
        before=before,
        after=after,
        delta=delta,
        tone="minus"
        if delta.startswith(formats.MINUS)
        else "plus"
        if delta.startswith("+")
        else "",
        pieces=formats.changed_words(before, after) if words else [],
        total=total,
    )


def _attempt(attempt: Attempt) -> AttemptView:
    stopped = next((v.level for v in attempt.verdicts if not v.passed), None)
    return AttemptView(
        title=f"Attempt {attempt.number}",
        result=f"stopped by {stopped}" if stopped else "passed",
        draft=attempt.draft,
        verdicts=[
            VerdictView(
                f"{'Passed' if v.passed else 'Stopped by'} {_LEVELS.get(v.level, v.level)}",
                v.passed,
                " ".join(v.messages),
            )
            for v in attempt.verdicts
        ],
    )


_LEVELS = {
    "L0": "L0, the shape of the draft",
    "L1": "L1, records and fields exist",
    "L2": "L2, the rules of the action",
    "L3": "L3, rules for code",
    "L4": "L4, dry run",
}
_EVIDENCE_ICONS = {
    "invoice": "receipt-text",
    "customer": "building-2",
    "payment_history": "credit-card",
    "document": "file-text",
}


def _evidence(number: int, evidence: Evidence) -> EvidenceView:
    return EvidenceView(
        number=number,
        icon=_EVIDENCE_ICONS.get(evidence.kind, "database"),
        title=evidence.title,
        version=evidence.version[:8] if evidence.version else "",
        url=evidence.url or "",
        claim=evidence.claim,
        facts=[Pair(label, formats.written_date(value)) for label, value in evidence.facts],
    )


def _risk(card: ProposalRow) -> list[RiskLine]:
    lines, total = [], 0
    for reason in card.risk.reasons:
        after = total + reason.points
        low = max(0, min(total, after))
        lines.append(
            RiskLine(
                label=reason.label,
                points=f"{'+' if reason.points >= 0 else formats.MINUS}{abs(reason.points)}",
                start=f"{min(low, 98)}%",
                width=f"{max(2, min(100 - low, abs(reason.points)))}%",
                lowers=reason.points < 0,
            )
        )
        total = after
    return lines


def _signatures(card: ProposalCard, me: str) -> list[SignatureView]:
    signed = [
        SignatureView(
            "You" if s.by.id == me else s.by.name,
            s.by.initials,
            s.at.isoformat(),
            "Signed",
            s.by.id == me,
        )
        for s in card.signatures
    ]
    missing = max(0, card.required_signatures - len(signed)) if card.decision == "pending" else 0
    yours = (
        [SignatureView("You", "", "", "Your signature is open", you=True)]
        if card.your_turn and missing
        else []
    )
    return (
        signed
        + yours
        + [SignatureView("Open", "", "", "Anyone else who may approve")] * (missing - len(yours))
    )


def _last_decision(card: ProposalCard) -> HistoryEntry | None:
    return next((entry for entry in reversed(card.history) if entry.actor is not None), None)


def _history(entry: HistoryEntry) -> HistoryView:
    return HistoryView(
        at=entry.at.isoformat(),
        what=entry.what,
        who=entry.actor.name if entry.actor else "",
        detail=entry.detail or "",
        icon="user-round" if entry.actor else "bot",
    )


def _model(name: str) -> str:
    return "Offline rules" if name.partition(":")[0] == "rules" else name


def _hold(seconds: float) -> str:
    return (
        f"Held for {seconds:g} s after approval, so that it can be taken back."
        if seconds
        else "Carried out as soon as it is approved."
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
