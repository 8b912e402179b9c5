"""Which master key a model key hangs on is written in the sealed secret itself."""

from alembic import op

revision = '0018'
down_revision = '0017'


def upgrade() -> None:
    op.drop_column('model_key', 'key_id')
