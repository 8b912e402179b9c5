"""What every integration test may use; a room with its own needs overrides it."""

from tests.fixtures.client import app, client, server
from tests.fixtures.database import database, environ, postgres, settings, simulator
from tests.fixtures.guest import guest
from tests.fixtures.people import accounts, office, stranger
from tests.fixtures.proposals import account, connectors, proposer
from tests.fixtures.valkey import valkey

__all__ = [
    "account",
    "accounts",
    "app",
    "client",
    "connectors",
    "database",
    "environ",
    "guest",
    "office",
    "postgres",
    "proposer",
    "server",
    "settings",
    "simulator",
    "stranger",
    "valkey",
]
