"""The five system roles against the matrix of the specification, written out by hand: right by right."""

import pytest

from tenancy.permissions import Right, Role
from tenancy.system_roles import SYSTEM_ROLES

# Right, then Super Admin, Org Admin, Team Lead, Member, Viewer: the widest scope, or - for none.
MATRIX = """
connectors:read    all org team self org
connectors:create  all org team self -
connectors:update  all org team self -
connectors:delete  all org team self -
connectors:export  all org -    -    -
analytics:read     all org team self org
analytics:export   all org -    -    -
users:read         all org org  -    -
users:create       all org -    -    -
users:update       all org -    -    -
users:delete       all org -    -    -
settings:read      all org org  org  -
settings:update    all org -    -    -
settings:admin     all org -    -    -
billing:read       all org -    -    -
billing:update     all org -    -    -
billing:admin      all org -    -    -
api_keys:read      all org org  -    -
api_keys:create    all org org  -    -
api_keys:delete    all org org  -    -
audit_logs:read    all org org  -    -
audit_logs:export  all org -    -    -
proposals:read     all org team self org
proposals:update   all org team -    -
proposals:approve  all org team self -
runs:create        all org team self -
runs:read          all org team self org
runs:update        all org team -    -
playbooks:read     all org team self org
playbooks:update   all org team -    -
documents:read     all org team self org
documents:create   all org team self -
documents:update   all org team -    -
documents:delete   all org team -    -
policies:read      all org team self org
policies:update    all org team -    -
"""
ROWS = [line.split() for line in MATRIX.strip().splitlines()]
ROLES = (Role.SUPER_ADMIN, Role.ORG_ADMIN, Role.TEAM_LEAD, Role.MEMBER, Role.VIEWER)


@pytest.mark.parametrize("column", range(5), ids=[str(role) for role in ROLES])
def test_role_when_compared_with_the_matrix_then_every_right_has_the_scope_of_it(
    column: int,
) -> None:
    grants = SYSTEM_ROLES[ROLES[column]].grants
    found = {str(right): str(grants[right]) if right in grants else "-" for right in Right}
    assert found == {right: scopes[column] for right, *scopes in ROWS}


def test_permissions_of_the_specification_when_counted_then_thirty_two_and_ours() -> None:
    """A right that exists below the organization counts once for self, team and org each."""
    of_all = ("users", "settings", "billing", "api_keys", "audit_logs")
    ours = ("proposals", "runs", "playbooks", "documents", "policies")
    rights = [row[0] for row in ROWS if row[0].split(":")[0] not in ours]
    single = [one for one in rights if one.split(":")[0] in of_all or one.endswith("export")]
    assert len(single) + 3 * (len(rights) - len(single)) == 32
    assert set(Role) == set(ROLES) == set(SYSTEM_ROLES)
