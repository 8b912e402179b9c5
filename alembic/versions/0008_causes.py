"""Wake-ups remember the request that caused them."""

from alembic import op
import sqlalchemy as sa

revision = '0008'
down_revision = '0007'


def upgrade() -> None:
    op.add_column('outbox', sa.Column('request_id', sa.Text(), nullable=True))
    op.add_column('outbox', sa.Column('traceparent', sa.Text(), nullable=True))
