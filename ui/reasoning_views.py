"""The agent's side of the card: drafts and their verdicts, evidence, questions and answers. Formats only."""

from collections.abc import Sequence

from backend.schemas.proposals import Attempt, Evidence, ProposalCard, Question
from ui import formats
from ui.view_models import AttemptView, EvidenceView, Pair, QuestionView, VerdictView

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


def attempt_view(attempt: Attempt) -> AttemptView:
    """One draft and what verification said of it."""
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


def evidence_views(evidence: Sequence[Evidence]) -> list[EvidenceView]:
    """What it rests on, numbered."""
    return [_evidence(number, one) for number, one in enumerate(evidence, 1)]


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


def question_view(asked: Question) -> QuestionView:
    """What a person asked, and the agent's answer once there is one."""
    return QuestionView(
        text=asked.text,
        who=asked.by.name,
        at=asked.at.isoformat(),
        state=asked.state,
        answer=asked.answer or "",
        answered_at=asked.answered_at.isoformat() if asked.answered_at else "",
        evidence=evidence_views(asked.evidence),
    )


def reasoning_word(card: ProposalCard) -> str:
    """How much there is to read of the reasoning, for its tab."""
    words = _count(len(card.attempts), "attempt")
    return f"{words}, {_count(len(card.questions), 'question')}" if card.questions else words


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
