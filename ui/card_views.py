"""Turns the wire's proposal into the card that the pages show. Formats only; decides nothing."""

from datetime import datetime
from typing import Any

import msgspec

from backend.schemas.common import Cost, Money, Permission
from backend.schemas.proposals import (
    Change,
    HistoryEntry,
    ProposalCard,
    ProposalRow,
    Revision,
)
from ui import formats
from ui.formats import Piece
from ui.reasoning_views import attempt_view, evidence_views, question_view, reasoning_word
from ui.run_views import cost
from ui.signing_views import delegation_views, signature_views
from ui.view_models import (
    CardView,
    ChangeView,
    HistoryView,
    Pair,
    RevisionView,
    RiskLine,
    RuleView,
    standing,
)

SHORT_TEXT = 24


def card_view(card: ProposalCard, me: str) -> CardView:
    """The card as ``me`` (a user id) sees it."""
    now = standing(card)
    decided = _last_decision(card)
    effect = card.effect
    newest = card.revisions[-1] if card.revision > 1 and card.revisions else None
    return CardView(
        id=card.id,
        short_id=formats.short_id(card.id),
        playbook=f"{card.playbook}, version {card.playbook_version}",
        created_at=card.created_at.isoformat(),
        text=card.statement.text,
        pieces=pieces(card, card.statement.text, done=now == "executed"),
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
        revised_by=_author(newest) if newest else "",
        revised_reason=formats.sentence(newest.reason or "") if newest else "",
        revisions=[_revision(one) for one in reversed(card.revisions)] if newest else [],
        source_version=card.source_version[:8],
        changes=change_views(card.changes),
        stale_changes=change_views(card.stale_changes),
        how=[Pair(label, value) for label, value in card.how],
        raw=_raw(card),
        reasoning=card.reasoning,
        plan=card.plan,
        attempts=[attempt_view(one) for one in card.attempts],
        reasoning_word=reasoning_word(card),
        questions=[question_view(one) for one in card.questions],
        model=_model(card.model),
        cost=cost(card.cost),
        usage=_usage(card.cost),
        confidence=f"{card.confidence:.0%}".replace("%", f"{formats.NO_BREAK}%"),
        evidence=evidence_views(card.evidence),
        policy_reason=formats.sentence(card.policy.reason),
        rules=[RuleView(rule.text, rule.applies) for rule in card.policy.rules],
        on_silence=formats.sentence(card.policy.on_silence),
        hold=_hold(card.policy.hold_seconds),
        hold_seconds=card.policy.hold_seconds,
        held_since=_held_since(card).isoformat(),
        risk_score=card.risk.score,
        risk_band=card.risk.band,
        risk_lines=_risk(card),
        signed=card.policy.signed,
        required=card.required_signatures,
        signed_word=f"{card.policy.signed} of {card.required_signatures}",
        different_teams=card.policy.different_teams,
        signatures=signature_views(card, me),
        delegations=delegation_views(card, me),
        escalated_at=_iso(card.policy.escalated_at),
        due_at=_iso(card.due_at),
        run_id=card.run_id,
        decided_by=decided.actor.name if decided and decided.actor else "",
        decided_detail=(decided.detail or "") if decided else "",
        effect_key=effect.idempotency_key if effect else "",
        effect_error=formats.sentence(effect.error or "") if effect else "",
        marked_by=card.resolution.by.name if card.resolution else "",
        marked_reason=(card.resolution.reason or "") if card.resolution else "",
        object_id=(effect.vendor_object_id or "") if effect else "",
        object_url=(effect.vendor_object_url or "") if effect else "",
        confirmed_at=_iso(effect.confirmed_at) if effect else "",
        undoes_id=card.undoes_id or "",
        undoes=formats.short_id(card.undoes_id or ""),
        undone_by_id=card.undone_by_id or "",
        undone_by=formats.short_id(card.undone_by_id or ""),
        history=[_history(entry) for entry in card.history],
        **_permissions(card),
        barred=_barred(card),
    )


def _permissions(card: ProposalCard) -> dict[str, Any]:
    given = {
        "approve": card.can_approve,
        "reject": card.can_reject,
        "edit": card.can_edit if card.fields else _NOTHING_TO_EDIT,
        "ask": card.can_ask,
        "delegate": card.can_delegate,
        "take_back": card.can_take_back,
        "withdraw": card.can_withdraw,
        "resolve": card.can_resolve,
        "undo": card.can_undo,
    }
    return {f"can_{name}": one.allowed for name, one in given.items()} | {
        f"{name}_reason": formats.sentence(one.reason or "") for name, one in given.items()
    }


def _barred(card: ProposalCard) -> str:
    """Why this person cannot approve, else why they cannot reject; empty where both are open to them."""
    reasons = (one.reason or "" for one in (card.can_approve, card.can_reject) if not one.allowed)
    return formats.sentence(next(reasons, ""))


def _raw(card: ProposalCard) -> str:
    """The sealed parameters and the changes as the API has them."""
    data = {"action": card.action, "parameters": card.parameters, "changes": card.changes}
    return msgspec.json.format(msgspec.json.encode(data), indent=2).decode()


def _usage(used: Cost) -> list[Pair]:
    pairs = [Pair("Model calls", f"{used.model_calls:,}")]
    if used.input_tokens or used.output_tokens:
        pairs.append(Pair("Tokens in", f"{used.input_tokens:,}"))
        pairs.append(Pair("Tokens out", f"{used.output_tokens:,}"))
    return pairs


_NOTHING_TO_EDIT = Permission(allowed=False, reason="nothing of this can be worded otherwise")


def pieces(card: ProposalRow, text: str, *, done: bool = False) -> list[Piece]:
    """A statement of the proposal, cut into amount, record and party; ``done`` turns it to the past tense."""
    statement = card.statement
    if done and text.startswith(statement.verb):
        text = statement.done + text[len(statement.verb) :]
    marks = {statement.record: "record", statement.party: "party"}
    if statement.amount and (figure := formats.amount_in(text, statement.amount.currency)):
        marks[figure] = "amount"
    return formats.marked(text, marks)


def change_views(changes: list[Change]) -> list[ChangeView]:
    """The lines of the ledger; money that stands last is its total."""
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


def _revision(one: Revision) -> RevisionView:
    return RevisionView(
        title=f"Revision {one.revision}",
        who=_author(one),
        at=one.at.isoformat(),
        reason=formats.sentence(one.reason or ""),
        sentence=one.sentence,
        short_digest=formats.short_digest(one.digest),
        digest=one.digest,
    )


def _author(one: Revision) -> str:
    return one.by.name if one.by else "the agent"


def _held_since(card: ProposalCard) -> datetime:
    return max((signature.at for signature in card.signatures), default=card.updated_at)


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


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
