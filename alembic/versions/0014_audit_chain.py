"""The audit is authenticated row by row and chained by a sealer of its own."""

from alembic import op
from tenancy import rls
import sqlalchemy as sa

revision = '0014'
down_revision = '0013'

# Runs as the owner: whoever may write an event can neither forget the inbox nor reach into it.
QUEUE = """
CREATE FUNCTION queue_audit_event() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$ BEGIN
  INSERT INTO audit_inbox (org_id, event_id, event_mac)
  SELECT org_id, id, mac FROM written WHERE mac IS NOT NULL;
  RETURN NULL;
END $$
"""


def upgrade() -> None:
    # Both stay empty in what was written before: the migration has no key.
    op.add_column('audit_event', sa.Column('mac', sa.LargeBinary(), nullable=True))
    op.add_column('audit_event', sa.Column('key_id', sa.Text(), nullable=True))
    op.create_index('ix_audit_event_subject', 'audit_event', ['org_id', 'subject_id', 'at'])
    op.create_index('ix_audit_event_actor', 'audit_event', ['org_id', 'actor_id', 'at'])
    op.create_table('audit_inbox',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('event_mac', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['org_id'], ['organization.id'], name=op.f('fk_audit_inbox_org_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_inbox'))
    )
    op.create_table('audit_link',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('key_id', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['org_id'], ['organization.id'], name=op.f('fk_audit_link_org_id')),
    sa.PrimaryKeyConstraint('org_id', 'seq', name=op.f('pk_audit_link'))
    )
    op.create_index('uq_audit_link_event_id', 'audit_link', ['org_id', 'event_id'], unique=True)
    op.create_table('audit_head',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.Column('key_id', sa.Text(), nullable=False),
    sa.Column('peaks', sa.LargeBinary(), nullable=False),
    sa.Column('checkpointed', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.ForeignKeyConstraint(['org_id'], ['organization.id'], name=op.f('fk_audit_head_org_id')),
    sa.PrimaryKeyConstraint('org_id', name=op.f('pk_audit_head'))
    )
    op.create_table('audit_checkpoint',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('root', sa.LargeBinary(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('key_id', sa.Text(), nullable=False),
    sa.Column('signature', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['org_id'], ['organization.id'], name=op.f('fk_audit_checkpoint_org_id')),
    sa.PrimaryKeyConstraint('org_id', 'size', name=op.f('pk_audit_checkpoint'))
    )
    for statement in _SECURITY:
        op.execute(statement)


_SECURITY = (
    *rls.protect('audit_inbox'),
    *rls.sealed_table('audit_inbox', 'SELECT', 'DELETE'),
    *(statement for table in ('audit_link', 'audit_head', 'audit_checkpoint') for statement in (
        *rls.protect(table),
        *rls.readable(table, 'org_id = app_org()'),
    )),
    *rls.sealed_table('audit_link', 'SELECT', 'INSERT'),
    *rls.sealed_table('audit_head', 'SELECT', 'INSERT', 'UPDATE'),
    *rls.sealed_table('audit_checkpoint', 'SELECT', 'INSERT'),
    *(f'CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}'
      ' FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()'
      for table in ('audit_link', 'audit_checkpoint')),
    QUEUE,
    'REVOKE EXECUTE ON FUNCTION queue_audit_event() FROM PUBLIC',
    'CREATE TRIGGER queue AFTER INSERT ON audit_event REFERENCING NEW TABLE AS written'
    ' FOR EACH STATEMENT EXECUTE FUNCTION queue_audit_event()',
)
