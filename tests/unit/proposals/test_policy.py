"""Who may decide what: every scope, the requester, and who has signed already."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from backend.core.errors import AppError
from backend.core.ids import OrgId, TeamId, UserId
from backend.playbooks.policy import Answer, ApprovalRule, Approver, EditorSigns, Policy
from backend.proposals.models import ProposalTable
from backend.proposals.policy import (
    AlreadyDecidedError,
    NotNamedError,
    OwnEditError,
    OwnRequestError,
    cannot_edit,
    cannot_reject,
    refusal,
)
from backend.proposals.terms import Terms, in_words, stored, terms_of
from backend.proposals.views import Delegation, ProposalView, Signature
from tenancy.context import Principal
from tenancy.permissions import Grants, Right, Role, Scope
from tenancy.system_roles import SYSTEM_ROLES

ORG, TEAM, OTHER_TEAM = OrgId(uuid4()), TeamId(uuid4()), TeamId(uuid4())
REQUESTER, SOMEBODY = UserId(uuid4()), UserId(uuid4())


def person(user: UserId, grants: Grants, *teams: TeamId, roles: tuple[Role, ...] = ()) -> Principal:
    return Principal(
        user_id=user,
        org_id=ORG,
        email="x@example.com",
        name="X",
        roles=roles,
        grants=grants,
        team_ids=frozenset(teams),
    )


def view(
    decision: str = "pending",
    *signers: UUID,
    terms: Terms | None = None,
    teams: frozenset[UUID] = frozenset(),
    **row: object,
) -> ProposalView:
    kept = ProposalTable(
        requested_by=REQUESTER,
        team_id=TEAM,
        decision=decision,
        updated_at=datetime.now(UTC),
        terms=stored(terms or Terms()),
        policy_reason="an admin signs",
        **row,
    )
    signatures = tuple(
        Signature(uuid4(), signer, "Paul", "approve", None, datetime.now(UTC), teams)
        for signer in signers
    )
    return ProposalView(kept, "Overdue invoices", "Ana", "Receivables", signatures, None, None)


def lead(user: UserId = SOMEBODY, *teams: TeamId) -> Principal:
    return person(
        user, SYSTEM_ROLES[Role.TEAM_LEAD].grants, *(teams or (TEAM,)), roles=(Role.TEAM_LEAD,)
    )


def code(refused: AppError | None) -> str | None:
    return None if refused is None else refused.code


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


def test_deciding_when_the_right_comes_from_the_role_of_a_team_then_in_that_team_alone() -> None:
    def through(team: TeamId, scope: Scope) -> Principal:
        both = person(SOMEBODY, {}, TEAM, OTHER_TEAM)
        return replace(both, team_grants={team: {Right.PROPOSALS_APPROVE: scope}})

    assert refusal(through(TEAM, Scope.TEAM), view()) is None
    assert refusal(through(TEAM, Scope.SELF), view(terms=NAMED_PERSON)) is None
    for who, terms in (
        (through(OTHER_TEAM, Scope.TEAM), None),
        (through(OTHER_TEAM, Scope.TEAM), NAMED_PERSON),
        (through(TEAM, Scope.SELF), None),
    ):
        refused = refusal(who, view(terms=terms))
        assert refused is not None
        assert refused.extra["permission"] == Right.PROPOSALS_APPROVE


@pytest.mark.parametrize("role", [Role.ORG_ADMIN, Role.TEAM_LEAD, Role.SUPER_ADMIN])
def test_deciding_when_it_is_ones_own_run_then_refused_whatever_the_role(role: Role) -> None:
    refused = refusal(person(REQUESTER, SYSTEM_ROLES[role].grants, TEAM), view())
    assert isinstance(refused, OwnRequestError)


@pytest.mark.parametrize("decision", ["approved", "rejected", "expired", "withdrawn", "stale"])
def test_deciding_when_it_is_settled_then_told_how(decision: str) -> None:
    refused = refusal(person(SOMEBODY, SYSTEM_ROLES[Role.ORG_ADMIN].grants), view(decision))
    assert isinstance(refused, AlreadyDecidedError)
    assert decision in refused.message


def test_deciding_when_one_has_signed_already_then_somebody_else_is_needed() -> None:
    refused = refusal(
        person(SOMEBODY, SYSTEM_ROLES[Role.ORG_ADMIN].grants), view("pending", SOMEBODY)
    )
    assert isinstance(refused, AlreadyDecidedError)
    assert "another person" in refused.message


NAMED_ROLE = Terms(approvers=(Approver(role=Role.ORG_ADMIN),))
NAMED_TEAM = Terms(approvers=(Approver(team=OTHER_TEAM),))
NAMED_PERSON = Terms(approvers=(Approver(person=SOMEBODY),))


@pytest.mark.parametrize(
    ("terms", "who", "expected"),
    [
        (NAMED_ROLE, lead(), NotNamedError.code),
        (
            NAMED_ROLE,
            person(SOMEBODY, SYSTEM_ROLES[Role.ORG_ADMIN].grants, roles=(Role.ORG_ADMIN,)),
            None,
        ),
        (NAMED_TEAM, lead(), NotNamedError.code),
        (NAMED_TEAM, lead(SOMEBODY, OTHER_TEAM), None),
        (NAMED_PERSON, lead(UserId(uuid4())), NotNamedError.code),
        (NAMED_PERSON, person(SOMEBODY, SYSTEM_ROLES[Role.MEMBER].grants), None),
        (NAMED_PERSON, person(SOMEBODY, SYSTEM_ROLES[Role.VIEWER].grants), "permission_denied"),
    ],
)
def test_signing_when_the_policy_names_a_role_a_team_or_a_person_then_only_they_count(
    terms: Terms, who: Principal, expected: str | None
) -> None:
    assert code(refusal(who, view(terms=terms))) == expected


def test_signing_when_escalated_then_those_beyond_may_sign_as_well() -> None:
    terms = Terms(approvers=NAMED_PERSON.approvers, escalated_to=NAMED_ROLE.approvers)
    admin = person(UserId(uuid4()), SYSTEM_ROLES[Role.ORG_ADMIN].grants, roles=(Role.ORG_ADMIN,))
    assert code(refusal(admin, view(terms=terms))) == NotNamedError.code
    assert refusal(admin, view(terms=terms, escalated_at=datetime.now(UTC))) is None


def test_signing_when_a_signature_was_given_away_then_the_receiver_counts_and_the_giver_not() -> (
    None
):
    giver, receiver = lead(), person(UserId(uuid4()), SYSTEM_ROLES[Role.MEMBER].grants)
    asked = view(terms=NAMED_PERSON)
    given = Delegation(giver.user_id, giver, receiver.user_id, "Rita", datetime.now(UTC))
    delegated = replace(asked, delegations=(given,))
    assert code(refusal(receiver, asked)) == NotNamedError.code
    assert refusal(receiver, delegated) is None
    refused = refusal(giver, delegated)
    assert refused is not None
    assert "given your signature to Rita" in refused.message


def test_signing_when_the_giver_has_left_or_lost_the_signature_then_the_receiver_does_not_count() -> (
    None
):
    receiver = person(UserId(uuid4()), SYSTEM_ROLES[Role.MEMBER].grants)
    for giver in (None, person(UserId(uuid4()), SYSTEM_ROLES[Role.MEMBER].grants)):
        giver_id = giver.user_id if giver else uuid4()
        given = Delegation(giver_id, giver, receiver.user_id, "Rita", datetime.now(UTC))
        assert refusal(receiver, replace(view(), delegations=(given,))) is not None


@pytest.mark.parametrize(
    ("editor_signs", "lowers", "expected"),
    [
        (EditorSigns.LOWER_AMOUNT, True, None),
        (EditorSigns.LOWER_AMOUNT, False, OwnEditError.code),
        (EditorSigns.NEVER, True, OwnEditError.code),
    ],
)
def test_signing_when_one_wrote_the_revision_then_only_where_the_policy_lets_them(
    editor_signs: EditorSigns, *, lowers: bool, expected: str | None
) -> None:
    edited = view(terms=Terms(editor_signs=editor_signs), edited_by=SOMEBODY, edit_lowers=lowers)
    assert code(refusal(lead(), edited)) == expected
    assert refusal(lead(UserId(uuid4())), edited) is None
    assert cannot_reject(lead(), edited) is None


def test_signing_when_two_teams_are_asked_then_a_second_of_the_same_team_waits() -> None:
    terms = Terms(different_teams=True)
    signed = view("pending", uuid4(), terms=terms, teams=frozenset({TEAM}))
    refused = refusal(lead(), signed)
    assert refused is not None
    assert "another one" in refused.message
    other = person(SOMEBODY, SYSTEM_ROLES[Role.ORG_ADMIN].grants, OTHER_TEAM)
    assert refusal(other, signed) is None


def test_requester_when_the_policy_lets_them_sign_then_they_may() -> None:
    assert refusal(lead(REQUESTER), view(terms=Terms(requester_signs=True))) is None


def test_requester_may_edit_but_a_viewer_may_not() -> None:
    assert cannot_edit(person(REQUESTER, SYSTEM_ROLES[Role.MEMBER].grants), view()) is None
    assert cannot_edit(person(SOMEBODY, SYSTEM_ROLES[Role.VIEWER].grants), view()) is not None


ABOVE = ApprovalRule(above_minor=500_000, signatures=2)
RISKY = ApprovalRule(from_risk=85, answer=Answer.REFUSE)
SMALL = ApprovalRule(answer=Answer.AUTO)


@pytest.mark.parametrize(
    ("minor", "risk", "answer", "words"),
    [
        (500_000, 40, Answer.AUTO, "Nobody has to sign"),
        (500_001, 40, Answer.ASK, "Two people sign above EUR\N{NO-BREAK SPACE}5,000.00"),
        (None, 40, Answer.AUTO, "Nobody has to sign"),
        (900_000, 85, Answer.REFUSE, "Refused from a risk of 85"),
    ],
)
def test_policy_when_amount_and_risk_are_known_then_the_first_rule_that_applies_counts(
    minor: int | None, risk: int, answer: Answer, words: str
) -> None:
    policy = Policy(rules=(RISKY, ABOVE, SMALL))
    rule = policy.rule_for(minor, risk)
    assert terms_of(policy, rule).answer is answer
    assert in_words(rule, "EUR", {}) == words


@pytest.mark.parametrize(
    "make",
    [
        lambda: Policy(rules=(ABOVE,)),
        lambda: Policy(escalate_after_seconds=5),
        Approver,
        lambda: ApprovalRule(signatures=0),
        lambda: ApprovalRule(different_teams=True),
        lambda: ApprovalRule(signatures=2, approvers=(Approver(person=SOMEBODY),)),
    ],
)
def test_policy_when_it_could_never_be_fulfilled_then_it_cannot_be_written(
    make: Callable[[], object],
) -> None:
    with pytest.raises(ValueError, match=r"\w+"):
        make()
