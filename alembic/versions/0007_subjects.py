"""Customers as targets of runs and proposals: billing address and tax numbers, and which record a run would change."""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

revision = '0007'
down_revision = '0006'


def upgrade() -> None:
    op.add_column('customer_record', sa.Column('billing_address', JSONB(), nullable=True))
    op.add_column('customer_record',
                  sa.Column('tax_ids', JSONB(), server_default=sa.text("'[]'"), nullable=False))
    op.add_column('invoice_record',
                  sa.Column('payment_attempts', sa.BigInteger(), server_default=sa.text('0'), nullable=False))
    op.add_column('run', sa.Column('subject_kind', sa.Text(), server_default='invoice', nullable=False))
    op.add_column('run', sa.Column('target_id', sa.Uuid(), nullable=True))
