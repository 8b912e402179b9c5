"""Organizations, people, sessions, events, outbox and audit, each with its row-level security."""

from alembic import op
from tenancy import rls
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

revision = '0001'
down_revision = None


def upgrade() -> None:
    op.create_table('organization',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('slug', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('is_demo', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organization')),
    sa.UniqueConstraint('slug', name=op.f('uq_organization_slug'))
    )
    op.create_table('user_account',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user_account')),
    sa.UniqueConstraint('email', name=op.f('uq_user_account_email'))
    )
    op.create_table('audit_event',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Uuid(), nullable=True),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('details', JSONB(), nullable=False),
    sa.Column('request_id', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['actor_id'], ['user_account.id'], name=op.f('fk_audit_event_actor_id')),
    sa.ForeignKeyConstraint(['org_id'], ['organization.id'], name=op.f('fk_audit_event_org_id')),
    sa.PrimaryKeyConstraint('org_id', 'id', name=op.f('pk_audit_event'))
    )
    op.create_table('event',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['org_id'], ['organization.id'], name=op.f('fk_event_org_id')),
    sa.PrimaryKeyConstraint('org_id', 'seq', name=op.f('pk_event'))
    )
    op.create_table('event_counter',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('last_seq', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['org_id'], ['organization.id'], name=op.f('fk_event_counter_org_id')),
    sa.PrimaryKeyConstraint('org_id', name=op.f('pk_event_counter'))
    )
    op.create_table('membership',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['org_id'], ['organization.id'], name=op.f('fk_membership_org_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_membership_user_id')),
    sa.PrimaryKeyConstraint('org_id', 'user_id', name=op.f('pk_membership'))
    )
    op.create_table('outbox',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attempts', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.ForeignKeyConstraint(['org_id'], ['organization.id'], name=op.f('fk_outbox_org_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox'))
    )
    op.create_index('ix_outbox_undelivered', 'outbox', ['id'], unique=False, postgresql_where=sa.text('delivered_at IS NULL'))
    op.create_table('refresh_token',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('family_id', sa.Uuid(), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('spent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['org_id'], ['organization.id'], name=op.f('fk_refresh_token_org_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_refresh_token_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_refresh_token')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_refresh_token_token_hash'))
    )
    op.create_index(op.f('ix_refresh_token_family_id'), 'refresh_token', ['family_id'], unique=False)
    op.create_table('stored_reply',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('fingerprint', sa.LargeBinary(), nullable=False),
    sa.Column('status', sa.BigInteger(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['org_id'], ['organization.id'], name=op.f('fk_stored_reply_org_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_stored_reply_user_id')),
    sa.PrimaryKeyConstraint('org_id', 'user_id', 'key', name=op.f('pk_stored_reply'))
    )
    op.create_table('team',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('parent_id', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['org_id', 'parent_id'], ['team.org_id', 'team.id'], name=op.f('fk_team_org_id_parent_id')),
    sa.ForeignKeyConstraint(['org_id'], ['organization.id'], name=op.f('fk_team_org_id')),
    sa.PrimaryKeyConstraint('org_id', 'id', name=op.f('pk_team'))
    )
    op.create_table('user_password',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('hash', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_user_password_user_id')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_user_password'))
    )
    op.create_table('web_session',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['org_id'], ['organization.id'], name=op.f('fk_web_session_org_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_web_session_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_web_session')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_web_session_token_hash'))
    )
    op.create_table('team_member',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('team_id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('is_primary', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['org_id', 'team_id'], ['team.org_id', 'team.id'], name=op.f('fk_team_member_org_id_team_id')),
    sa.ForeignKeyConstraint(['org_id', 'user_id'], ['membership.org_id', 'membership.user_id'], name=op.f('fk_team_member_org_id_user_id')),
    sa.PrimaryKeyConstraint('org_id', 'team_id', 'user_id', name=op.f('pk_team_member'))
    )
    for statement in _SECURITY:
        op.execute(statement)


_SECURITY = (
    rls.FUNCTIONS,
    *rls.protect("organization"),
    "CREATE POLICY tenant ON organization TO app_rw USING (id = app_org()) WITH CHECK (id = app_org())",
    "GRANT SELECT, INSERT, UPDATE ON organization TO app_rw",
    *rls.system_table("organization", "SELECT"),
    *rls.tenant_table("membership", grants=("SELECT", "INSERT", "UPDATE", "DELETE")),
    *rls.system_table("membership", "SELECT"),
    *rls.protect("user_account"),
    *rls.readable("user_account", "id IN (SELECT user_id FROM membership WHERE org_id = app_org())"),
    *rls.system_table("user_account", "SELECT", "INSERT"),
    *rls.protect("user_password"),
    *rls.system_table("user_password", "SELECT", "INSERT", "UPDATE"),
    *rls.tenant_table("team"),
    *rls.tenant_table("team_member", grants=("SELECT", "INSERT", "UPDATE", "DELETE")),
    *rls.system_table("team_member", "SELECT"),
    *rls.protect("web_session"),
    *rls.system_table("web_session", "SELECT", "INSERT", "UPDATE"),
    *rls.protect("refresh_token"),
    *rls.system_table("refresh_token", "SELECT", "INSERT", "UPDATE"),
    *rls.tenant_table("event_counter"),
    *rls.tenant_table("event", grants=("SELECT", "INSERT")),
    *rls.tenant_table("outbox", grants=("INSERT",)),
    *rls.system_table("outbox", "SELECT", "UPDATE"),
    *rls.tenant_table("stored_reply", grants=("SELECT", "INSERT")),
    *rls.tenant_table("audit_event", grants=("SELECT", "INSERT")),
    *rls.system_table("audit_event", "INSERT"),
    """
    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
    """,
    "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event"
    " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
)
