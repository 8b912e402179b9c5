"""The status of an organization, invitations to it, and whose doing a mail is."""

from alembic import op
from tenancy import rls
import sqlalchemy as sa

revision = '0016'
down_revision = '0015'

KEEP_STANDING = """
CREATE FUNCTION refuse_own_standing() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN
  IF current_user = 'app_rw' THEN
    RAISE EXCEPTION 'an organization can change its name alone' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$
"""


def upgrade() -> None:
    _standing()
    _invitations()
    _mail()


def _standing() -> None:
    op.add_column('organization', sa.Column('status', sa.Text(), server_default=sa.text("'active'"), nullable=False))
    op.add_column('organization', sa.Column('suspended_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('organization', sa.Column('residency', sa.Text(), nullable=True))
    op.create_check_constraint(op.f('ck_organization_status'), 'organization', "status IN ('active', 'suspended')")
    op.execute(KEEP_STANDING)
    op.execute('CREATE TRIGGER keep_standing BEFORE UPDATE OF status, suspended_at, residency, slug, is_demo ON organization'
               ' FOR EACH ROW WHEN ((NEW.status, NEW.suspended_at, NEW.residency, NEW.slug, NEW.is_demo)'
               ' IS DISTINCT FROM (OLD.status, OLD.suspended_at, OLD.residency, OLD.slug, OLD.is_demo))'
               ' EXECUTE FUNCTION refuse_own_standing()')
    op.execute('GRANT UPDATE (status, suspended_at) ON organization TO app_system')


def _invitations() -> None:
    op.create_table('invitation',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('teams', sa.ARRAY(sa.Uuid()), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('invited_by', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('accepted_by', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['accepted_by'], ['user_account.id'], name=op.f('fk_invitation_accepted_by')),
    sa.ForeignKeyConstraint(['invited_by'], ['user_account.id'], name=op.f('fk_invitation_invited_by')),
    sa.ForeignKeyConstraint(['org_id'], ['organization.id'], name=op.f('fk_invitation_org_id')),
    sa.PrimaryKeyConstraint('org_id', 'id', name=op.f('pk_invitation')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_invitation_token_hash'))
    )
    op.create_index('uq_invitation_open', 'invitation', ['org_id', 'email'], unique=True,
                    postgresql_where=sa.text('ended_at IS NULL'))
    for statement in (*rls.tenant_table('invitation'), *rls.system_table('invitation', 'SELECT')):
        op.execute(statement)


def _mail() -> None:
    op.add_column('outgoing_mail', sa.Column('org_id', sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f('fk_outgoing_mail_org_id'), 'outgoing_mail', 'organization', ['org_id'], ['id'])
    op.create_index('ix_outgoing_mail_org_id', 'outgoing_mail', ['org_id'])
    # An organization may cause mail and read none.
    op.execute('CREATE POLICY tenant ON outgoing_mail FOR INSERT TO app_rw WITH CHECK (org_id = app_org())')
    op.execute('GRANT INSERT ON outgoing_mail TO app_rw')
