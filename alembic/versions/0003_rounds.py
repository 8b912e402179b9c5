"""Approvals can be taken back: signatures count within a round, and other acts of a person are no signatures."""

from alembic import op
import sqlalchemy as sa

revision = '0003'
down_revision = '0002'


def upgrade() -> None:
    for table in ('proposal', 'decision'):
        op.add_column(table, sa.Column('round', sa.BigInteger(), server_default=sa.text('0'), nullable=False))
    op.create_index(
        'uq_decision_signature', 'decision', ['org_id', 'proposal_id', 'revision', 'round', 'user_id'],
        unique=True, postgresql_where=sa.text("kind IN ('approve', 'reject')"),
    )
    op.drop_constraint('uq_decision_org_id_proposal_id_revision_user_id', 'decision', type_='unique')
