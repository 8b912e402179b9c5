"""Orders of lists whose pages are found deep in a hundred thousand rows too.

A keyset condition on COALESCE is checked row by row: the planner does not trust it below row-level security. LEAST and
GREATEST, which pass over NULL, say the same and are trusted.
"""

from alembic import op

revision = '0019'
down_revision = '0018'

_ORDERS = {
    "amount_up": "least(amount_minor, 9223372036854775807::bigint)",
    "amount_down": "greatest(amount_minor, '-9223372036854775808'::bigint)",
    "due_up": "least(due_at, '9999-12-31 00:00:00+00'::timestamptz)",
    "due_down": "greatest(due_at, '1000-01-01 00:00:00+00'::timestamptz)",
}


def upgrade() -> None:
    op.execute("SET LOCAL timezone = 'UTC'")
    for name, key in _ORDERS.items():
        op.execute(f'DROP INDEX ix_proposal_{name}')
        op.execute(f'CREATE INDEX ix_proposal_{name} ON proposal (org_id, ({key}), id)')
    op.execute('CREATE INDEX ix_run_created ON run (org_id, created_at, id) WHERE parent_run_id IS NULL')
