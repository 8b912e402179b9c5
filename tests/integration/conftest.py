"""What every integration test may use; a room with its own needs overrides it."""

from tests.fixtures.client import app, client, server
from tests.fixtures.database import database, environ, postgres, settings, simulator
from tests.fixtures.people import accounts, office, stranger
from tests.fixtures.proposals import account, connectors, proposer

__all__ = [
    "account",
    "accounts",
    "app",
    "client",
    "connectors",
    "database",
    "environ",
    "office",
    "postgres",
    "proposer",
    "server",
    "settings",
    "simulator",
    "stranger",
]
