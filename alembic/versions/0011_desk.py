"""When proposals were decided, what people are told, how they want the app, and where they are signed in."""

from alembic import op
from tenancy import rls
import sqlalchemy as sa

revision = '0011'
down_revision = '0010'

APP_USER = """
CREATE FUNCTION app_user() RETURNS uuid LANGUAGE sql STABLE
AS $$ SELECT nullif(current_setting('app.user_id', true), '')::uuid $$
"""
DECIDED = """
UPDATE proposal SET decided_at = coalesce(
  (SELECT max(d.at) FROM decision d
   WHERE d.org_id = proposal.org_id AND d.proposal_id = proposal.id AND d.round = proposal.round
     AND d.kind IN ('approve', 'reject', 'withdraw')),
  proposal.updated_at)
WHERE decision <> 'pending'
"""


def upgrade() -> None:
    op.execute(APP_USER)
    _decided()
    _notifications()
    _preferences()
    _sessions()


def _decided() -> None:
    op.add_column('proposal', sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True))
    op.execute(DECIDED)
    op.create_index('ix_proposal_decided', 'proposal', ['org_id', 'decided_at'])
    op.create_index('ix_proposal_pending_created', 'proposal', ['org_id', 'created_at'],
                    postgresql_where=sa.text("decision = 'pending'"))
    op.create_index('ix_decision_by_policy', 'decision', ['org_id', 'proposal_id'],
                    postgresql_where=sa.text("kind = 'approve' AND user_id IS NULL"))
    op.create_index('ix_audit_event_at', 'audit_event', ['org_id', 'at'])
    op.create_index('ix_model_call_reserved', 'model_call', ['org_id', 'reserved_at'])


def _notifications() -> None:
    op.create_table('notification',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('telling_id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('proposal_id', sa.Uuid(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('seal', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['org_id', 'proposal_id'], ['proposal.org_id', 'proposal.id'],
                            name=op.f('fk_notification_org_id_proposal_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_notification_user_id')),
    sa.PrimaryKeyConstraint('org_id', 'id', name=op.f('pk_notification'))
    )
    op.create_index('ix_notification_user', 'notification', ['org_id', 'user_id', 'id'])
    op.create_index('ix_notification_telling', 'notification', ['org_id', 'telling_id'])
    op.create_index('ix_notification_unread', 'notification', ['org_id', 'user_id'],
                    postgresql_where=sa.text('read_at IS NULL'))
    for statement in rls.tenant_table('notification'):
        op.execute(statement)


def _preferences() -> None:
    """A person's own, over all organizations; their name they may change themselves."""
    op.create_table('user_preference',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('theme', sa.Text(), nullable=False),
    sa.Column('density', sa.Text(), nullable=False),
    sa.Column('quiet_keys', sa.ARRAY(sa.Text()), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_user_preference_user_id')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_user_preference'))
    )
    for statement in rls.protect('user_preference'):
        op.execute(statement)
    op.execute('CREATE POLICY own ON user_preference TO app_rw'
               ' USING (user_id = app_user()) WITH CHECK (user_id = app_user())')
    op.execute('GRANT SELECT, INSERT, UPDATE ON user_preference TO app_rw')
    op.execute('CREATE POLICY own ON user_account FOR UPDATE TO app_rw'
               ' USING (id = app_user()) WITH CHECK (id = app_user())')
    op.execute('GRANT UPDATE (name) ON user_account TO app_rw')


def _sessions() -> None:
    for table in ('web_session', 'refresh_token'):
        op.add_column(table, sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True))
        op.add_column(table, sa.Column('user_agent', sa.Text(), nullable=True))
        op.add_column(table, sa.Column('address', sa.Text(), nullable=True))
        op.create_index(f'ix_{table}_user_id', table, ['user_id'])
