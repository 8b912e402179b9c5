"""The logic card on the wire: a proposal with everything a person needs to decide it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from backend.api.presenting.common import amount, permission, person
from backend.api.presenting.proposals import ProposalPresenter
from backend.api.presenting.runs import run_cost
from backend.connectors.actions import FieldChange
from backend.core.errors import AppError
from backend.core.money import Money
from backend.playbooks.policy import Policy
from backend.proposals.asking import Question, QuestionState
from backend.proposals.digest import change_of
from backend.proposals.editing import Edited
from backend.proposals.models import EffectTable
from backend.proposals.policy import (
    cannot_ask,
    cannot_delegate,
    cannot_edit,
    cannot_reject,
    cannot_resolve,
    cannot_take_back,
    cannot_withdraw,
    refusal,
)
from backend.proposals.states import DecisionState
from backend.proposals.terms import in_words, reminders_in_words, silence_in_words
from backend.proposals.views import ProposalView, Revision, Signature
from backend.runs.repository import RunView
from backend.schemas import common
from backend.schemas import proposals as wire
from tenancy.audit import AuditAction
from tenancy.context import Principal
from tenancy.history import Act

_WORDS = {
    AuditAction.PROPOSAL_CREATED: "Proposed",
    AuditAction.PROPOSAL_SIGNED: "Signed",
    AuditAction.PROPOSAL_APPROVED: "Approved",
    AuditAction.PROPOSAL_REJECTED: "Rejected",
    AuditAction.PROPOSAL_EXPIRED: "Expired",
    AuditAction.PROPOSAL_STALE: "Found stale",
    AuditAction.PROPOSAL_TAKEN_BACK: "Taken back",
    AuditAction.PROPOSAL_WITHDRAWN: "Withdrawn",
    AuditAction.PROPOSAL_DELEGATED: "Gave the signature to somebody else",
    AuditAction.PROPOSAL_EDITED: "Edited",
    AuditAction.PROPOSAL_REVISED: "Revised by the agent",
    AuditAction.PROPOSAL_QUESTIONED: "Asked",
    AuditAction.PROPOSAL_ANSWERED: "Answered",
    AuditAction.PROPOSAL_COMMENTED: "Commented",
    AuditAction.PROPOSAL_REMINDED: "Reminded",
    AuditAction.PROPOSAL_ESCALATED: "Escalated",
    AuditAction.PROPOSAL_UNDO_REQUESTED: "Asked for its undo",
    AuditAction.PROPOSAL_UNDONE: "Undone",
    AuditAction.EFFECT_CLAIMED: "Claimed for execution",
    AuditAction.EFFECT_DISPATCHED: "Sent",
    AuditAction.EFFECT_CONFIRMED: "Confirmed",
    AuditAction.EFFECT_FAILED: "Failed",
    AuditAction.EFFECT_UNKNOWN: "Outcome unknown",
    AuditAction.EFFECT_CHECKED: "Read back",
    AuditAction.EFFECT_MARKED_DONE: "Marked as done",
    AuditAction.EFFECT_MARKED_NOT_DONE: "Marked as not done",
}
_NAMED = 20  # people who may sign as well


@dataclass(frozen=True, slots=True)
class CardParts:
    """What a card shows beside the proposal itself."""

    view: ProposalView
    run: RunView
    connection: str
    policy: Policy
    names: Mapping[UUID, str]
    history: Sequence[Act]
    questions: Sequence[Question]
    revisions: Sequence[Revision]
    cannot_undo: AppError | None
    undone_by: UUID | None
    others: Sequence[Principal]


def card(presenter: ProposalPresenter, parts: CardParts, principal: Principal) -> wire.ProposalCard:
    """The card as this person sees it."""
    view, row = parts.view, parts.view.row
    refused = refusal(principal, view)
    shown = presenter.row(view, your_turn=refused is None)
    return wire.ProposalCard(
        **{name: getattr(shown, name) for name in shown.__struct_fields__ if name != "cost"},
        sentence=row.sentence,
        digest=row.digest,
        revision=row.revision,
        source_version=row.source_version,
        connection=parts.connection,
        parameters=row.parameters,
        changes=changes(row.changes),
        how=[(label, text) for label, text in row.how],
        reasoning=row.reasoning,
        plan=list(row.plan),
        attempts=[_attempt(stored) for stored in row.attempts],
        model=row.model,
        cost=run_cost(parts.run.row, parts.run.spend),
        evidence=[_evidence(stored) for stored in row.evidence],
        policy=_policy(parts),
        can_approve=permission(refused),
        can_reject=permission(cannot_reject(principal, view)),
        can_edit=permission(cannot_edit(principal, view)),
        can_ask=permission(cannot_ask(principal, view)),
        can_delegate=permission(cannot_delegate(principal, view)),
        can_take_back=permission(cannot_take_back(principal, view)),
        can_withdraw=permission(cannot_withdraw(principal, view)),
        can_resolve=permission(cannot_resolve(principal, view)),
        can_undo=permission(parts.cannot_undo),
        undoes_id=str(row.undoes_id) if row.undoes_id else None,
        undone_by_id=str(parts.undone_by) if parts.undone_by else None,
        stale_changes=changes(row.stale_changes),
        effect=_effect(view.effect) if view.effect else None,
        resolution=_resolution(view.resolution) if view.resolution else None,
        history=[_entry(act, view) for act in parts.history],
        fields=presenter.fields(row),
        revisions=[_revision(one) for one in parts.revisions],
        questions=[question(one, view) for one in parts.questions],
    )


def revision_answer(edited: Edited, row: wire.ProposalRow | None) -> wire.RevisionAnswer:
    """What verification said of an edit, and what it would change or has changed."""
    judged, content = edited.judged, edited.judged.content
    return wire.RevisionAnswer(
        verdicts=[
            wire.Verdict(level=one.level, passed=one.passed, messages=list(one.messages))
            for one in judged.verdicts
        ],
        passed=content is not None,
        sentence=content.sentence if content else None,
        changes=changes(content.changes) if content else [],
        risk=sum(reason.points for reason in judged.reasons) if content else None,
        policy_reason=edited.policy_reason,
        proposal=row,
    )


def changes(stored: Sequence[Mapping[str, Any]]) -> list[wire.Change]:
    """Field changes as they are stored with a proposal."""
    return [_change(change_of(one)) for one in stored]


def _change(change: FieldChange) -> wire.Change:
    return wire.Change(
        path=change.path,
        label=change.label,
        kind=change.kind,
        before=_value(change.before),
        after=_value(change.after),
    )


def _value(value: Money | str | None) -> common.Money | str | None:
    return amount(value) if isinstance(value, Money) else value


def _attempt(stored: Mapping[str, Any]) -> wire.Attempt:
    return wire.Attempt(
        number=stored["number"],
        draft=stored["draft"],
        verdicts=[
            wire.Verdict(
                level=verdict["level"], passed=verdict["passed"], messages=verdict["messages"]
            )
            for verdict in stored["verdicts"]
        ],
    )


def _evidence(stored: Mapping[str, Any]) -> wire.Evidence:
    return wire.Evidence(
        kind=stored["kind"],
        title=stored["title"],
        record_id=stored["record_id"],
        version=stored["version"],
        url=stored["url"],
        claim=stored["claim"],
        facts=[(label, text) for label, text in stored["facts"]],
    )


def _policy(parts: CardParts) -> wire.Policy:
    view, row, policy = parts.view, parts.view.row, parts.policy
    return wire.Policy(
        required_signatures=row.required_signatures,
        signed=view.signed,
        different_teams=view.terms.different_teams,
        others=[person(one.user_id, one.name) for one in parts.others[:_NAMED]],
        others_total=len(parts.others),
        reason=row.policy_reason,
        rules=_rules(parts),
        delegations=[
            wire.Delegation(
                by=person(one.giver_id, one.giver.name if one.giver else ""),
                to=person(one.to_id, one.to_name),
                at=one.at,
            )
            for one in view.delegations
        ],
        escalated_at=row.escalated_at,
        on_silence=silence_in_words(policy),
        hold_seconds=policy.hold_seconds,
    )


def _rules(parts: CardParts) -> list[wire.PolicyRule]:
    policy, row, names = parts.policy, parts.view.row, parts.names
    counts = policy.rule_for(row.amount_minor, row.risk_score)
    table = [
        wire.PolicyRule(text=in_words(rule, row.currency, names), applies=rule is counts)
        for rule in policy.rules
    ]
    if not policy.requester_signs:
        table.append(wire.PolicyRule(text="Who started the run may not sign", applies=True))
    if row.edited_by is not None:
        words = f"Who wrote an edit signs it {policy.editor_signs}"
        table.append(wire.PolicyRule(text=words, applies=True))
    return table + [
        wire.PolicyRule(text=words, applies=True) for words in reminders_in_words(policy, names)
    ]


def _revision(one: Revision) -> wire.Revision:
    author = one.row.author_id
    return wire.Revision(
        revision=one.row.revision,
        digest=one.row.digest,
        sentence=one.row.sentence,
        by=person(author, one.author or "") if author else None,
        reason=one.row.reason,
        at=one.row.at,
    )


def question(one: Question, view: ProposalView) -> wire.Question:
    """A question to the agent; one that was never answered is dropped once the proposal is decided."""
    waits = one.state is QuestionState.OPEN
    dropped = waits and view.row.decision != DecisionState.PENDING
    return wire.Question(
        id=str(one.id),
        revision=one.revision,
        by=person(one.asked_by, one.name),
        text=one.text,
        at=one.asked_at,
        state="dropped" if dropped else one.state,
        answer=one.answer,
        evidence=[_evidence(stored) for stored in one.evidence],
        answered_at=one.answered_at,
    )


def _effect(effect: EffectTable) -> wire.Effect:
    return wire.Effect(
        id=str(effect.id),
        state=effect.state,
        idempotency_key=str(effect.id),
        dispatched_at=effect.dispatched_at,
        confirmed_at=effect.finished_at if effect.state == "confirmed" else None,
        vendor_object_id=effect.vendor_object_id,
        vendor_object_url=effect.vendor_object_url,
        error=effect.error,
    )


def _resolution(said: Signature) -> wire.Resolution:
    return wire.Resolution(
        kind=said.kind, by=person(said.user_id, said.name), at=said.at, reason=said.reason
    )


def _entry(act: Act, view: ProposalView) -> wire.HistoryEntry:
    actor = person(act.actor_id, act.actor_name or "") if act.actor_id else None
    return wire.HistoryEntry(
        at=act.at,
        what=_WORDS.get(act.action, act.action),
        actor=actor,
        detail=_detail(act, view),
    )


def _detail(act: Act, view: ProposalView) -> str | None:
    if act.action is AuditAction.PROPOSAL_STALE:
        return f"Changed outside: {', '.join(act.details['fields'])}"
    if act.action in (AuditAction.EFFECT_FAILED, AuditAction.EFFECT_UNKNOWN):
        return str(act.details["error"]) if act.details.get("error") else None
    if "reason" in act.details:
        return str(act.details["reason"]) if act.details["reason"] else None
    return _reason(act.actor_id, view)  # acts from before the audit kept reasons


def _reason(actor_id: UUID | None, view: ProposalView) -> str | None:
    given = [*view.signatures, *([view.rejection] if view.rejection else [])]
    return next((one.reason for one in given if one.user_id == actor_id), None)
