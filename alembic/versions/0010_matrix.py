"""What the matrix sorts and finds by at a hundred thousand proposals, and saved views of it."""

from alembic import op
from tenancy import rls
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0010'
down_revision = '0009'

_INDEXES = (
    "ix_proposal_updated ON proposal (org_id, updated_at, id)",
    "ix_proposal_amount_up ON proposal (org_id, coalesce(amount_minor, 9223372036854775807::bigint), id)",
    "ix_proposal_amount_down ON proposal (org_id, coalesce(amount_minor, '-9223372036854775808'::bigint), id)",
    "ix_proposal_due_up ON proposal (org_id, coalesce(due_at, '9999-12-31 00:00:00+00'::timestamptz), id)",
    "ix_proposal_due_down ON proposal (org_id, coalesce(due_at, '1000-01-01 00:00:00+00'::timestamptz), id)",
    "ix_proposal_pending ON proposal (org_id, team_id) WHERE decision = 'pending'",
    "ix_proposal_undoes ON proposal (org_id, undoes_id) WHERE undoes_id IS NOT NULL",
    "ix_decision_user ON decision (org_id, user_id, proposal_id)",
)


def upgrade() -> None:
    op.execute("SET LOCAL timezone = 'UTC'")
    for index in _INDEXES:
        op.execute(f'CREATE INDEX {index}')
    op.create_table('saved_view',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('team_id', sa.Uuid(), nullable=True),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('filter', postgresql.JSONB(), nullable=False),
    sa.Column('sort', sa.Text(), nullable=False),
    sa.Column('columns', postgresql.JSONB(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['org_id'], ['organization.id'], name=op.f('fk_saved_view_org_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_saved_view_user_id')),
    sa.ForeignKeyConstraint(['org_id', 'team_id'], ['team.org_id', 'team.id'], name=op.f('fk_saved_view_org_id_team_id')),
    sa.PrimaryKeyConstraint('org_id', 'id', name=op.f('pk_saved_view')),
    sa.UniqueConstraint('org_id', 'user_id', 'name', name=op.f('uq_saved_view_org_id_user_id_name'))
    )
    op.create_index('ix_saved_view_team', 'saved_view', ['org_id', 'team_id'])
    for statement in rls.tenant_table('saved_view', grants=('SELECT', 'INSERT', 'UPDATE', 'DELETE')):
        op.execute(statement)
