"""Roles that an organization makes itself, and roles of teams."""

from alembic import op
from tenancy import rls
import sqlalchemy as sa

revision = '0017'
down_revision = '0016'

ALL = ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
ONE = 'num_nonnulls(role, role_id) = 1'


def upgrade() -> None:
    op.create_table('role',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('permissions', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('created_by', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['user_account.id'], name=op.f('fk_role_created_by')),
    sa.ForeignKeyConstraint(['org_id'], ['organization.id'], name=op.f('fk_role_org_id')),
    sa.PrimaryKeyConstraint('org_id', 'id', name=op.f('pk_role'))
    )
    op.execute('CREATE UNIQUE INDEX uq_role_name ON role (org_id, lower(name))')
    op.create_table('team_role',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('team_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Text(), nullable=True),
    sa.Column('role_id', sa.Uuid(), nullable=True),
    sa.CheckConstraint(ONE, name=op.f('ck_team_role_one')),
    sa.ForeignKeyConstraint(['org_id', 'role_id'], ['role.org_id', 'role.id'], name=op.f('fk_team_role_org_id_role_id')),
    sa.ForeignKeyConstraint(['org_id', 'team_id'], ['team.org_id', 'team.id'], name=op.f('fk_team_role_org_id_team_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('org_id', 'team_id', name=op.f('pk_team_role'))
    )
    op.create_index('ix_team_role_role_id', 'team_role', ['org_id', 'role_id'])
    op.alter_column('membership', 'role', nullable=True)
    op.add_column('membership', sa.Column('role_id', sa.Uuid(), nullable=True))
    op.create_check_constraint(op.f('ck_membership_one_role'), 'membership', ONE)
    op.create_foreign_key(op.f('fk_membership_org_id_role_id'), 'membership', 'role', ['org_id', 'role_id'], ['org_id', 'id'])
    op.create_index('ix_membership_role_id', 'membership', ['org_id', 'role_id'])
    for table in ('role', 'team_role'):
        for statement in (*rls.tenant_table(table, grants=ALL), *rls.system_table(table, 'SELECT')):
            op.execute(statement)
