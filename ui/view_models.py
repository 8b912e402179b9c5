"""What the card shows, as frozen dataclasses (Reflex refuses Structs as state). ``card_views`` makes them."""

from dataclasses import dataclass, field

from backend.schemas.proposals import ProposalRow
from ui.formats import Piece


@dataclass(frozen=True)
class Pair:
    """A label and its value."""

    label: str = ""
    value: str = ""


@dataclass(frozen=True)
class ChangeView:
    """One line of the ledger. ``pieces`` replaces both columns where only some words change."""

    label: str = ""
    path: str = ""
    before: str = ""
    after: str = ""
    delta: str = ""
    tone: str = ""
    pieces: list[Piece] = field(default_factory=list)
    total: bool = False


@dataclass(frozen=True)
class VerdictView:
    """One rung of the ladder and what it said."""

    title: str = ""
    passed: bool = True
    message: str = ""


@dataclass(frozen=True)
class AttemptView:
    """One draft with its verdicts."""

    title: str = ""
    result: str = ""
    draft: str = ""
    verdicts: list[VerdictView] = field(default_factory=list)


@dataclass(frozen=True)
class EvidenceView:
    """One source: facts, the claim that rests on it, where to open it."""

    number: int = 0
    icon: str = "database"
    title: str = ""
    version: str = ""
    url: str = ""
    claim: str = ""
    facts: list[Pair] = field(default_factory=list)


@dataclass(frozen=True)
class RiskLine:
    """One addend of the score with its place on the scale, in percent."""

    label: str = ""
    points: str = ""
    start: str = "0%"
    width: str = "0%"
    lowers: bool = False


@dataclass(frozen=True)
class SignatureView:
    """One signature that was given, or one that is still open (``at`` is empty)."""

    name: str = ""
    initials: str = ""
    at: str = ""
    note: str = ""
    you: bool = False


@dataclass(frozen=True)
class DelegationView:
    """A signature that somebody gave to somebody else, as a sentence."""

    text: str = ""
    at: str = ""


@dataclass(frozen=True)
class QuestionView:
    """A question to the agent. ``state``: open, answered, revised, failed or dropped."""

    text: str = ""
    who: str = ""
    at: str = ""
    state: str = "open"
    answer: str = ""
    answered_at: str = ""
    evidence: list[EvidenceView] = field(default_factory=list)


@dataclass(frozen=True)
class RevisionView:
    """What the proposal said in one revision."""

    title: str = ""
    who: str = ""
    at: str = ""
    reason: str = ""
    sentence: str = ""
    short_digest: str = ""
    digest: str = ""


@dataclass(frozen=True)
class RuleView:
    """One line of the policy."""

    text: str = ""
    applies: bool = False


@dataclass(frozen=True)
class HistoryView:
    """One thing that happened."""

    at: str = ""
    what: str = ""
    who: str = ""
    detail: str = ""
    icon: str = "circle"


@dataclass(frozen=True)
class CardView:
    """Everything the logic card shows."""

    id: str = ""
    short_id: str = ""
    playbook: str = ""
    created_at: str = ""
    text: str = ""
    pieces: list[Piece] = field(default_factory=list)
    summary: str = ""
    standing: str = "pending"
    decision: str = "pending"
    execution: str = "none"
    your_turn: bool = False
    system: str = ""
    record: str = ""
    record_url: str = ""
    button: str = "Approve"
    digest: str = ""
    short_digest: str = ""
    revision: int = 1
    revised_by: str = ""
    revised_reason: str = ""
    revisions: list[RevisionView] = field(default_factory=list)
    source_version: str = ""
    changes: list[ChangeView] = field(default_factory=list)
    stale_changes: list[ChangeView] = field(default_factory=list)
    how: list[Pair] = field(default_factory=list)
    raw: str = ""
    reasoning: str = ""
    plan: list[str] = field(default_factory=list)
    attempts: list[AttemptView] = field(default_factory=list)
    reasoning_word: str = ""
    questions: list[QuestionView] = field(default_factory=list)
    model: str = ""
    cost: str = ""
    usage: list[Pair] = field(default_factory=list)
    confidence: str = ""
    evidence: list[EvidenceView] = field(default_factory=list)
    policy_reason: str = ""
    rules: list[RuleView] = field(default_factory=list)
    on_silence: str = ""
    hold: str = ""
    hold_seconds: float = 0
    held_since: str = ""
    risk_score: int = 0
    risk_band: str = "low"
    risk_lines: list[RiskLine] = field(default_factory=list)
    signed: int = 0
    required: int = 0
    signed_word: str = ""
    different_teams: bool = False
    signatures: list[SignatureView] = field(default_factory=list)
    delegations: list[DelegationView] = field(default_factory=list)
    escalated_at: str = ""
    due_at: str = ""
    barred: str = ""
    can_approve: bool = False
    approve_reason: str = ""
    can_reject: bool = False
    reject_reason: str = ""
    can_edit: bool = False
    edit_reason: str = ""
    can_ask: bool = False
    ask_reason: str = ""
    can_delegate: bool = False
    delegate_reason: str = ""
    can_take_back: bool = False
    take_back_reason: str = ""
    can_withdraw: bool = False
    withdraw_reason: str = ""
    can_resolve: bool = False
    resolve_reason: str = ""
    can_undo: bool = False
    undo_reason: str = ""
    undoes_id: str = ""
    undoes: str = ""
    undone_by_id: str = ""
    undone_by: str = ""
    run_id: str = ""
    decided_by: str = ""
    decided_detail: str = ""
    effect_key: str = ""
    effect_error: str = ""
    marked_by: str = ""
    marked_reason: str = ""
    object_id: str = ""
    object_url: str = ""
    confirmed_at: str = ""
    history: list[HistoryView] = field(default_factory=list)


def standing(row: ProposalRow) -> str:
    """The one word of a row: how it was carried out, else how it was decided."""
    if row.execution != "none":
        return row.execution
    return "partial" if row.decision == "pending" and row.signatures else row.decision
