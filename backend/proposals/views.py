"""Proposals as people read them: the stored row with names, signatures, effect and history beside it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.core.clock import iso
from backend.core.money import Money
from backend.proposals.models import EffectTable, ProposalTable
from backend.proposals.states import DecisionState


@dataclass(frozen=True, slots=True)
class Signature:
    """One decision of a person on the current revision."""

    decision_id: UUID
    user_id: UUID
    name: str
    kind: str
    reason: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ProposalView:
    """One proposal. ``signatures`` count, ``resolution`` is what a person said of an unknown outcome."""

    row: ProposalTable
    playbook: str
    requester: str
    team: str | None
    signatures: tuple[Signature, ...]
    rejection: Signature | None
    effect: EffectTable | None
    withdrawal: Signature | None = None
    resolution: Signature | None = None

    @property
    def amount(self) -> Money | None:
        """The money that the sentence names."""
        if self.row.amount_minor is None or self.row.currency is None:
            return None
        return Money(self.row.currency, self.row.amount_minor)

    @property
    def standing_sentence(self) -> str:
        """What has been decided, by whom and when."""
        approved = self.row.decision == DecisionState.APPROVED and self.signatures
        decided = self.rejection or self.withdrawal or (self.signatures[-1] if approved else None)
        if self.row.decision == DecisionState.STALE:
            return "this is stale: the record changed outside after the proposal was made"
        if decided is None:
            return f"this is {self.row.decision} since {iso(self.row.updated_at)}"
        verb = "withdrew" if self.withdrawal else self.row.decision
        return f"{decided.name} {verb} this at {iso(decided.at)}"
