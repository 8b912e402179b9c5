"""Model calls with their reservations, budgets and an organization's own keys of model providers."""

from alembic import op
from tenancy import rls
import sqlalchemy as sa

revision = '0005'
down_revision = '0004'


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), server_default=sa.text('0'), nullable=False)


def upgrade() -> None:
    op.create_table('budget',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('month_tokens', sa.BigInteger(), nullable=True),
    sa.Column('month_micro_usd', sa.BigInteger(), nullable=True),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['org_id'], ['organization.id'], name=op.f('fk_budget_org_id')),
    sa.PrimaryKeyConstraint('org_id', name=op.f('pk_budget'))
    )
    op.create_table('model_key',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('provider', sa.Text(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('base_url', sa.Text(), nullable=True),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('key_id', sa.Text(), nullable=False),
    sa.Column('hint', sa.Text(), nullable=False),
    sa.Column('created_by', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['user_account.id'], name=op.f('fk_model_key_created_by')),
    sa.ForeignKeyConstraint(['org_id'], ['organization.id'], name=op.f('fk_model_key_org_id')),
    sa.PrimaryKeyConstraint('org_id', 'provider', name=op.f('pk_model_key'))
    )
    op.create_table('spending',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('scope', sa.Text(), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('period', sa.Text(), nullable=False),
    _count('used_tokens'),
    _count('held_tokens'),
    _count('used_micro_usd'),
    _count('held_micro_usd'),
    _count('unpriced_calls'),
    sa.ForeignKeyConstraint(['org_id'], ['organization.id'], name=op.f('fk_spending_org_id')),
    sa.PrimaryKeyConstraint('org_id', 'scope', 'subject_id', 'period', name=op.f('pk_spending'))
    )
    op.create_table('model_call',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('run_id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('place', sa.BigInteger(), nullable=False),
    sa.Column('family_id', sa.Uuid(), nullable=False),
    sa.Column('playbook_id', sa.Uuid(), nullable=False),
    sa.Column('period', sa.Text(), nullable=False),
    sa.Column('model', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('tries', sa.BigInteger(), nullable=False),
    sa.Column('reserved_tokens', sa.BigInteger(), nullable=False),
    sa.Column('reserved_micro_usd', sa.BigInteger(), nullable=True),
    _count('input_tokens'),
    _count('output_tokens'),
    _count('used_micro_usd'),
    _count('unpriced_calls'),
    sa.Column('reply', sa.LargeBinary(), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('reserved_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['org_id', 'playbook_id'], ['playbook.org_id', 'playbook.id'], name=op.f('fk_model_call_org_id_playbook_id')),
    sa.ForeignKeyConstraint(['org_id', 'run_id'], ['run.org_id', 'run.id'], name=op.f('fk_model_call_org_id_run_id')),
    sa.PrimaryKeyConstraint('org_id', 'run_id', 'key', 'place', name=op.f('pk_model_call'))
    )
    op.create_index('ix_model_call_family', 'model_call', ['org_id', 'family_id'], unique=False)
    for statement in _SECURITY:
        op.execute(statement)


_SECURITY = (
    *rls.tenant_table('budget'),
    *rls.tenant_table('model_key', grants=('SELECT', 'INSERT', 'UPDATE', 'DELETE')),
    *rls.tenant_table('spending'),
    *rls.tenant_table('model_call'),
)
