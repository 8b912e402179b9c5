"""Model calls with their reservations, budgets and an organization's own keys of model providers."""

revision = '0005'
down_revision = '0004'


def upgrade() -> None:
    """Nothing yet."""
