"""The tier of an organization, and the calls it has made of the API."""

from alembic import op
from tenancy import rls
import sqlalchemy as sa

revision = '0013'
down_revision = '0012'

KEEP_TIER = """
CREATE FUNCTION refuse_own_tier() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN
  IF current_user = 'app_rw' THEN
    RAISE EXCEPTION 'an organization cannot change its own tier' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$
"""


def upgrade() -> None:
    op.add_column('organization', sa.Column('tier', sa.Text(), nullable=True))
    # Until now everybody had what professional has; the demo is looked at and tested by many at once.
    op.execute("UPDATE organization SET tier = CASE WHEN is_demo THEN 'enterprise' ELSE 'professional' END")
    op.alter_column('organization', 'tier', nullable=False)
    op.create_check_constraint(op.f('ck_organization_tier'), 'organization',
                               "tier IN ('free', 'professional', 'enterprise')")
    op.execute(KEEP_TIER)
    op.execute('CREATE TRIGGER keep_tier BEFORE UPDATE OF tier ON organization FOR EACH ROW'
               ' WHEN (NEW.tier IS DISTINCT FROM OLD.tier) EXECUTE FUNCTION refuse_own_tier()')
    op.execute('GRANT UPDATE (tier) ON organization TO app_system')
    op.create_table('api_usage',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('calls', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['org_id'], ['organization.id'], name=op.f('fk_api_usage_org_id')),
    sa.PrimaryKeyConstraint('org_id', 'month', name=op.f('pk_api_usage'))
    )
    for statement in (*rls.protect('api_usage'),
                      *rls.readable('api_usage', 'org_id = app_org()'),
                      *rls.system_table('api_usage', 'SELECT', 'INSERT', 'UPDATE')):
        op.execute(statement)
