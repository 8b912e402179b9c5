"""An installation as who runs it has it: the key file, `countersign keys`, and what the database holds."""

import argparse
import os
import secrets
import stat
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from backend.connectors import repository
from backend.connectors.webhooks import keep_secrets
from backend.core.crypto import Keys
from backend.core.ids import ConnectionId
from backend.core.mail import Mail
from backend.core.masters import Master, parse
from backend.core.migrate import metadata
from backend.core.sealed import sealed_columns
from backend.core.settings import ModelAccess, Settings
from backend.embedded import launch
from backend.embedded.errors import StartupError
from backend.embedded.keys_commands import perform
from backend.embedded.keys_options import add_keys
from backend.embedded.processes import spawn
from backend.playbooks.model_keys import open_keys, set_key
from backend.playbooks.switching import switch
from backend.playbooks.triggers import TriggerKind
from tenancy import totp
from tenancy.context import Channel
from tenancy.mail import kept_mail, post
from tenancy.members import add_member, add_user
from tenancy.permissions import Role
from tenancy.principals import load_principal
from tenancy.session import system, tenant
from tests.desk import Desk
from tests.worker import ROOT

OWN = "sk-own-do-not-tell-wxyz"


class Installation:
    """The module's installation as who runs it has it: the key file, the command, the database."""

    def __init__(self, environ: Mapping[str, str], path: Path, settings: Settings) -> None:
        self.environ, self.path, self.settings = environ, path, settings

    @property
    def key(self) -> Master:
        """The master key in use."""
        return self.settings.keys.current

    def kept(self) -> tuple[Master, ...]:
        assert stat.S_IMODE(self.path.stat().st_mode) == 0o600
        return parse(self.path.read_text())

    def write(self, text: str, mode: int = 0o600) -> None:
        self.path.write_text(text)
        self.path.chmod(mode)

    async def run(self, *words: str, **more: str) -> tuple[bool, str]:
        """What the command does and says; a refusal is said as well."""
        said: list[str] = []
        parser = argparse.ArgumentParser()
        add_keys(parser.add_subparsers())
        wanted = launch.load({**self.environ, **more})
        try:
            done = await perform(parser.parse_args(["keys", *words]), wanted, said.append)
        except StartupError as error:
            return False, str(error)
        return done, "\n".join(said)

    def typed(self, log: Path, *words: str) -> subprocess.Popen[bytes]:
        """The command as a process of its own."""
        command = [sys.executable, "-m", "backend.cli", "keys", *words]
        own = {**os.environ, **self.environ}  # noqa: TID251 - what a shell would give it
        with log.open("wb") as output:
            return spawn(command, output=output.fileno(), env=own, cwd=ROOT)

    async def marks(self) -> Counter[str]:
        """By which master the secrets of the whole database are sealed, as it says itself."""
        found: Counter[str] = Counter()
        async with self.owner() as connection:
            for one in sealed_columns(metadata()):
                rows = await connection.fetch(
                    f"SELECT split_part(encode({one.column.name}, 'escape'), '~', 1) AS key_id"  # noqa: S608
                    f" FROM {one.table.name} WHERE length({one.column.name}) > 0"
                )
                found.update(row["key_id"] for row in rows)
        return found

    @asynccontextmanager
    async def owner(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection that sees everything."""
        connection = await asyncpg.connect(self.environ["COUNTERSIGN_OWNER_DATABASE_URL"])
        try:
            yield connection
        finally:
            await connection.close()


class Held:
    """Secrets of the kinds that a desk has not got by itself, and whether each can be read."""

    def __init__(self, desk: Desk, keys: Keys) -> None:
        self.desk, self.keys = desk, keys
        self.recipient = f"{secrets.token_hex(6)}@people.example"

    async def keep(self) -> None:
        desk, keys = self.desk, self.keys
        admin_id = await add_user(
            desk.database, email=f"admin-{self.recipient}", name="Eve", password="long enough here"
        )
        async with tenant(desk.database, desk.context) as session:
            await add_member(session, admin_id, Role.ORG_ADMIN, None)
        async with tenant(desk.database, desk.context) as session:
            admin = await load_principal(session, admin_id, Channel.REST)
            await set_key(session, admin, keys, provider="openai", access=ModelAccess(OWN, None))
            await switch(session, desk.lead, desk.playbook.id, TriggerKind.SCHEDULE, enabled=True)
            [connection] = await repository.connections_to(session, "stripe")
            await keep_secrets(session, keys, ConnectionId(connection.id), ["whsec_" + "x" * 20])
        async with system(desk.database) as session:
            await totp.enrol(session, keys, desk.lead)
            await post(session, keys, Mail(self.recipient, "Set a new password", "The link\n"))

    async def read(self) -> None:
        async with tenant(self.desk.database, self.desk.context) as session:
            assert (await open_keys(session, self.keys))["openai"].api_key == OWN
        kept = await kept_mail(self.desk.database, self.keys)
        assert [o.mail.text for o in kept if o.mail.recipient == self.recipient] == ["The link\n"]
