"""Who runs the installation can say anew where an organization's data lie."""

from alembic import op

revision = '0020'
down_revision = '0019'


def upgrade() -> None:
    op.execute('GRANT UPDATE (residency) ON organization TO app_system')
