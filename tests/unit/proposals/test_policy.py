"""Who may decide what: every scope, the requester, and who has signed already."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from backend.core.ids import OrgId, TeamId, UserId
from backend.core.money import Money
from backend.playbooks.service import Policy
from backend.proposals.models import ProposalTable
from backend.proposals.policy import (
    AlreadyDecidedError,
    OwnRequestError,
    refusal,
    require,
    rules,
)
from backend.proposals.views import ProposalView, Signature
from tenancy.context import Principal
from tenancy.permissions import Grants, Right, Role, Scope, grants_of

ORG, TEAM, OTHER_TEAM = OrgId(uuid4()), TeamId(uuid4()), TeamId(uuid4())
REQUESTER, SOMEBODY = UserId(uuid4()), UserId(uuid4())
POLICY = Policy(two_above_minor=500_000, due_hours=72, hold_seconds=0)


def person(user: UserId, grants: Grants, *teams: TeamId) -> Principal:
    return Principal(
        user_id=user,
        org_id=ORG,
        email="x@example.com",
        name="X",
        roles=(),
        grants=grants,
        team_ids=frozenset(teams),
    )


def view(decision: str = "pending", *signers: UUID) -> ProposalView:
    row = ProposalTable(
        requested_by=REQUESTER, team_id=TEAM, decision=decision, updated_at=datetime.now(UTC)
    )
    signatures = tuple(
        Signature(uuid4(), signer, "Paul", "approve", None, datetime.now(UTC)) for signer in signers
    )
    return ProposalView(row, "Overdue invoices", "Ana", "Receivables", signatures, None, None)


@pytest.mark.parametrize(
    ("scope", "team", "allowed"),
    [
        (None, TEAM, False),
        (Scope.SELF, TEAM, False),
        (Scope.TEAM, OTHER_TEAM, False),
        (Scope.TEAM, TEAM, True),
        (Scope.ORG, OTHER_TEAM, True),
    ],
)
def test_deciding_when_the_scope_reaches_the_team_then_allowed(
    scope: Scope | None, team: TeamId, *, allowed: bool
) -> None:
    grants: Grants = {} if scope is None else {Right.PROPOSALS_APPROVE: scope}
    refused = refusal(person(SOMEBODY, grants, team), view())
    assert (refused is None) is allowed
    if refused is not None:
        assert "proposals:approve" in refused.message


@pytest.mark.parametrize("role", [Role.ORG_ADMIN, Role.TEAM_LEAD, Role.SUPER_ADMIN])
def test_deciding_when_it_is_ones_own_run_then_refused_whatever_the_role(role: Role) -> None:
    refused = refusal(person(REQUESTER, grants_of([role]), TEAM), view())
    assert isinstance(refused, OwnRequestError)


@pytest.mark.parametrize("decision", ["approved", "rejected", "expired", "withdrawn", "stale"])
def test_deciding_when_it_is_settled_then_told_how(decision: str) -> None:
    refused = refusal(person(SOMEBODY, grants_of([Role.ORG_ADMIN])), view(decision))
    assert isinstance(refused, AlreadyDecidedError)
    assert decision in refused.message


def test_deciding_when_one_has_signed_already_then_somebody_else_is_needed() -> None:
    refused = refusal(person(SOMEBODY, grants_of([Role.ORG_ADMIN])), view("pending", SOMEBODY))
    assert isinstance(refused, AlreadyDecidedError)
    assert "another person" in refused.message


@pytest.mark.parametrize(
    ("amount", "signatures"),
    [
        (None, 1),
        (Money("EUR", 500_000), 1),
        (Money("EUR", 500_001), 2),
    ],
)
def test_policy_when_the_amount_is_above_the_limit_then_two_must_sign(
    amount: Money | None, signatures: int
) -> None:
    requirement = require(POLICY, amount)
    assert requirement.signatures == signatures
    applied = [rule.text for rule in rules(POLICY, signatures, "EUR") if rule.applies]
    assert any("Two people" in text for text in applied) is (signatures > 1)
