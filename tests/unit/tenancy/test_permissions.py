"""The system roles against the matrix of the specification."""

from dataclasses import dataclass, field
from uuid import UUID

import pytest

from backend.core.errors import PermissionDeniedError
from tenancy.permissions import (
    ROLE_GRANTS,
    Grants,
    Right,
    Role,
    Scope,
    authorize,
    grants_of,
    permission_names,
)

ME, MINE, THEIRS = UUID(int=1), UUID(int=2), UUID(int=3)
OURS = ("proposals", "runs", "playbooks", "documents", "policies")
MATRIX: dict[Role, set[str]] = {
    Role.TEAM_LEAD: {
        *(f"connectors:{act}:team" for act in ("read", "create", "update", "delete")),
        "analytics:read:team",
        "users:read:org",
        "settings:read:org",
        *(f"api_keys:{act}:org" for act in ("read", "create", "delete")),
        "audit_logs:read:org",
    },
    Role.MEMBER: {
        *(f"connectors:{act}:self" for act in ("read", "create", "update", "delete")),
        "analytics:read:self",
        "settings:read:org",
    },
    Role.VIEWER: {"connectors:read:org", "analytics:read:org"},
}


@dataclass(frozen=True)
class Holder:
    grants: Grants
    user_id: UUID = ME
    team_ids: frozenset[UUID] = field(default_factory=lambda: frozenset({MINE}))
    roles: tuple[Role, ...] = ()


@pytest.mark.parametrize("role", MATRIX)
def test_role_when_compared_with_the_matrix_then_equal(role: Role) -> None:
    names = {n for n in permission_names(ROLE_GRANTS[role]) if n.split(":")[0] not in OURS}
    assert names == MATRIX[role]


def test_org_admin_when_asked_then_has_every_right_at_org_and_no_further() -> None:
    assert ROLE_GRANTS[Role.ORG_ADMIN] == dict.fromkeys(Right, Scope.ORG)


@pytest.mark.parametrize(
    ("role", "right", "scope"),
    [
        (Role.TEAM_LEAD, Right.PROPOSALS_APPROVE, Scope.TEAM),
        (Role.MEMBER, Right.PROPOSALS_APPROVE, Scope.SELF),
        (Role.MEMBER, Right.RUNS_CREATE, Scope.SELF),
        (Role.VIEWER, Right.PROPOSALS_READ, Scope.ORG),
        (Role.VIEWER, Right.PROPOSALS_APPROVE, None),
        (Role.VIEWER, Right.RUNS_CREATE, None),
        (Role.MEMBER, Right.PLAYBOOKS_UPDATE, None),
    ],
)
def test_role_when_it_comes_to_proposals_then_as_specified(
    role: Role, right: Right, scope: Scope | None
) -> None:
    assert ROLE_GRANTS[role].get(right) == scope


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        (Scope.SELF, {(ME, THEIRS)}),
        (Scope.TEAM, {(ME, THEIRS), (None, MINE)}),
        (Scope.ORG, {(ME, THEIRS), (None, MINE), (None, THEIRS), (None, None)}),
    ],
)
def test_reach_when_the_scope_widens_then_it_covers_more_rows(
    scope: Scope, covered: set[tuple[UUID | None, UUID | None]]
) -> None:
    reach = authorize(Holder({Right.RUNS_READ: scope}), Right.RUNS_READ)
    rows = [(ME, THEIRS), (None, MINE), (None, THEIRS), (None, None)]
    assert {row for row in rows if reach.covers(owner=row[0], team=row[1])} == covered


def test_authorize_when_the_right_is_missing_then_refused_by_name() -> None:
    with pytest.raises(PermissionDeniedError, match="proposals:approve"):
        authorize(Holder({}), Right.PROPOSALS_APPROVE)


def test_grants_when_several_roles_then_the_widest_scope_of_each_right() -> None:
    union = grants_of([Role.MEMBER, Role.VIEWER])
    assert union[Right.PROPOSALS_READ] is Scope.ORG
    assert union[Right.RUNS_CREATE] is Scope.SELF
