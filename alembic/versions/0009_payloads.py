"""Payloads that are too large for the workflow engine's histories."""

from alembic import op
from tenancy import rls
import sqlalchemy as sa

revision = '0009'
down_revision = '0008'


def upgrade() -> None:
    op.create_table('stored_payload',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['org_id'], ['organization.id'], name=op.f('fk_stored_payload_org_id')),
    sa.PrimaryKeyConstraint('org_id', 'id', name=op.f('pk_stored_payload'))
    )
    for statement in rls.tenant_table('stored_payload', grants=('SELECT', 'INSERT')):
        op.execute(statement)
