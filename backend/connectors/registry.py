"""Which actions exist and how a connection becomes an open adapter."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from backend.connectors.actions import Action
from backend.connectors.base import Adapter
from backend.connectors.hooks import Hook
from backend.connectors.models import CREDENTIALS_PURPOSE, Connection
from backend.core.crypto import Keys
from backend.core.errors import InvalidInputError

Opener = Callable[[bytes], AbstractAsyncContextManager[Adapter]]


@dataclass(frozen=True, slots=True)
class Connectors:
    """The installed vendors of this process: their adapters' openers, their actions by name and their webhooks."""

    keys: Keys
    openers: Mapping[str, Opener]
    actions: Mapping[str, Action]
    hooks: Mapping[str, Hook]

    def action(self, name: str) -> Action:
        """The action with this name. Raises :class:`InvalidInputError` that lists those that exist."""
        found = self.actions.get(name)
        if found is None:
            raise InvalidInputError(
                f"there is no action {name!r}; there are: {', '.join(sorted(self.actions))}"
            )
        return found

    @asynccontextmanager
    async def open(self, connection: Connection) -> AsyncIterator[Adapter]:
        """An adapter with the connection's credentials, for as long as the block lasts."""
        secret = self.keys.open(credential_purpose(connection), connection.credentials)
        async with self.openers[connection.vendor](secret) as adapter:
            yield adapter


def credential_purpose(connection: Connection) -> str:
    """What the connection's secret is sealed for: nobody else's connection can open it."""
    return CREDENTIALS_PURPOSE.format(org_id=connection.org_id, id=connection.id)
