"""Approval policies, revisions, questions and who decides: the data of governance."""

revision = '0004'
down_revision = '0003'


def upgrade() -> None:
    """Nothing yet."""
