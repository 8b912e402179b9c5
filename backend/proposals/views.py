"""Proposals as people read them: the stored row with names, signatures, effect and history beside it."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from backend.core.clock import iso
from backend.core.money import Money
from backend.proposals import quorum
from backend.proposals.models import EffectTable, ProposalTable, RevisionTable
from backend.proposals.states import DecisionState
from backend.proposals.terms import Terms, read
from backend.runs.budget_reading import RunUse, Spend
from tenancy.context import Principal

POLICY_NAME = "The policy"


@dataclass(frozen=True, slots=True)
class Signature:
    """One act of a person on the current revision; ``teams`` are theirs today."""

    decision_id: UUID
    user_id: UUID
    name: str
    kind: str
    reason: str | None
    at: datetime
    teams: Collection[UUID] = ()


@dataclass(frozen=True, slots=True)
class Delegation:
    """A signature that was given to somebody else. Without ``giver`` who gave it has left the organization."""

    giver_id: UUID
    giver: Principal | None
    to_id: UUID
    to_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision with the name of its author; without one the agent wrote it."""

    row: RevisionTable
    author: str | None


@dataclass(frozen=True, slots=True)
class Used:
    """The run that made a proposal, and what its calls of providers have used; the offline rules have no ``spend``."""

    run: RunUse
    spend: Spend | None


@dataclass(frozen=True, slots=True)
class ProposalView:
    """One proposal. ``signatures`` count, ``resolution`` is what a person said of an unknown outcome.

    ``amount`` is the money that the sentence names, ``by_policy`` when the policy approved it without a signature.
    """

    row: ProposalTable
    playbook: str
    requester: str
    team: str | None
    signatures: tuple[Signature, ...]
    rejection: Signature | None
    effect: EffectTable | None
    withdrawal: Signature | None = None
    resolution: Signature | None = None
    delegations: tuple[Delegation, ...] = ()
    by_policy: datetime | None = None
    used: Used | None = None
    terms: Terms = field(init=False)
    amount: Money | None = field(init=False)

    def __post_init__(self) -> None:
        minor, currency = self.row.amount_minor, self.row.currency
        money = None if minor is None or currency is None else Money(currency, minor)
        object.__setattr__(self, "terms", read(self.row.terms or {}))
        object.__setattr__(self, "amount", money)

    @property
    def signed(self) -> int:
        """How many of the signatures count towards those that are required."""
        signers = [signature.teams for signature in self.signatures]
        return quorum.counted(signers, different_teams=self.terms.different_teams)

    def delegated_by(self, user_id: UUID) -> Delegation | None:
        """To whom this person has given their signature."""
        return next((one for one in self.delegations if one.giver_id == user_id), None)

    @property
    def standing_sentence(self) -> str:
        """What has been decided, by whom and when."""
        if self.row.decision == DecisionState.STALE:
            return "this is stale: the record changed outside after the proposal was made"
        if self.row.decision == DecisionState.APPROVED and self.by_policy is not None:
            return f"the policy approved this at {iso(self.by_policy)}"
        approved = self.row.decision == DecisionState.APPROVED and self.signatures
        decided = self.rejection or self.withdrawal or (self.signatures[-1] if approved else None)
        if decided is None:
            return f"this is {self.row.decision} since {iso(self.row.updated_at)}"
        verb = "withdrew" if self.withdrawal else self.row.decision
        return f"{decided.name} {verb} this at {iso(decided.at)}"
