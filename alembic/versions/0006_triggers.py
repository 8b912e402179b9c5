"""Triggers of playbooks and webhooks that came in."""

from alembic import op
from tenancy import rls
import sqlalchemy as sa

revision = '0006'
down_revision = '0005'


def upgrade() -> None:
    op.create_table('playbook_trigger',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('playbook_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('enabled_by', sa.Uuid(), nullable=False),
    sa.Column('enabled_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('off_reason', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['enabled_by'], ['user_account.id'], name=op.f('fk_playbook_trigger_enabled_by')),
    sa.ForeignKeyConstraint(['org_id', 'playbook_id'], ['playbook.org_id', 'playbook.id'], name=op.f('fk_playbook_trigger_org_id_playbook_id')),
    sa.PrimaryKeyConstraint('org_id', 'playbook_id', 'kind', name=op.f('pk_playbook_trigger'))
    )
    op.create_table('trigger_firing',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('playbook_id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('run_id', sa.Uuid(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['org_id', 'playbook_id'], ['playbook.org_id', 'playbook.id'], name=op.f('fk_trigger_firing_org_id_playbook_id')),
    sa.ForeignKeyConstraint(['org_id', 'run_id'], ['run.org_id', 'run.id'], name=op.f('fk_trigger_firing_org_id_run_id')),
    sa.PrimaryKeyConstraint('org_id', 'playbook_id', 'key', name=op.f('pk_trigger_firing'))
    )
    op.create_table('webhook_secret',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('connection_id', sa.Uuid(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['org_id', 'connection_id'], ['connection.org_id', 'connection.id'], name=op.f('fk_webhook_secret_org_id_connection_id')),
    sa.PrimaryKeyConstraint('org_id', 'connection_id', name=op.f('pk_webhook_secret')),
    sa.UniqueConstraint('connection_id', name=op.f('uq_webhook_secret_connection_id'))
    )
    op.create_table('inbound_event',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('connection_id', sa.Uuid(), nullable=False),
    sa.Column('source_event_id', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('occurred_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('attempts', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('next_try_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('applied_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['org_id', 'connection_id'], ['connection.org_id', 'connection.id'], name=op.f('fk_inbound_event_org_id_connection_id')),
    sa.PrimaryKeyConstraint('org_id', 'id', name=op.f('pk_inbound_event')),
    sa.UniqueConstraint('org_id', 'connection_id', 'source_event_id', name=op.f('uq_inbound_event_org_id_connection_id_source_event_id'))
    )
    op.create_index('ix_inbound_event_list', 'inbound_event', ['org_id', 'connection_id', 'id'], unique=False)
    op.create_index('ix_inbound_event_waiting', 'inbound_event', ['org_id', 'connection_id', 'id'], unique=False,
                    postgresql_where=sa.text("state = 'waiting'"))
    for statement in _SECURITY:
        op.execute(statement)


_SECURITY = (
    *rls.tenant_table('playbook_trigger'),
    *rls.tenant_table('trigger_firing', grants=('SELECT', 'INSERT')),
    *rls.tenant_table('webhook_secret'),
    # A delivery names its connection and nothing else: whose it is, and with what it is signed, is looked up here.
    *rls.system_table('webhook_secret', 'SELECT'),
    *rls.tenant_table('inbound_event'),
)
