"""`.countersign/demo.json`: all that a newcomer, a script or a test needs to use the running demo."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from backend.embedded import demo_cast
from backend.embedded.errors import StartupError
from backend.embedded.postgres_files import write_private


class DemoUser(msgspec.Struct, frozen=True, rename="camel"):
    """One log-in. ``organization`` is a slug."""

    email: str
    password: str
    role: demo_cast.DemoRole
    organization: str


class DemoFile(msgspec.Struct, frozen=True, rename="camel"):
    """``database_url`` is the application's role; ``stripe_keys`` are by organization (slug)."""

    web_url: str
    api_url: str
    stripe_url: str
    stripe_keys: dict[str, str]
    temporal_address: str
    database_url: str
    pids: dict[str, int]
    users: list[DemoUser]


def compose(
    *,
    web_url: str,
    stripe_url: str,
    temporal_address: str,
    database_url: str,
    master_key: bytes,
    pids: Mapping[str, int],
) -> DemoFile:
    """The file for these addresses; passwords and keys follow from the master key."""
    return DemoFile(
        web_url=web_url,
        api_url=web_url,
        stripe_url=stripe_url,
        stripe_keys={
            organization.slug: demo_cast.stripe_key(master_key, organization.slug)
            for organization in demo_cast.ORGANIZATIONS
        },
        temporal_address=temporal_address,
        database_url=database_url,
        pids=dict(pids),
        users=[
            DemoUser(
                email=person.email,
                password=demo_cast.password(master_key, person.email),
                role=person.role,
                organization=person.organization,
            )
            for person in demo_cast.PEOPLE
        ],
    )


def write(path: Path, demo: DemoFile) -> None:
    """Write it for its owner only (0600), whole or not at all."""
    text = msgspec.json.format(msgspec.json.encode(demo), indent=2).decode()
    write_private(path, f"{text}\n")


def read(path: Path) -> DemoFile:
    """Read it; raises :class:`StartupError` when the stack was never started."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=DemoFile)
    except FileNotFoundError as error:
        raise StartupError("The demo is not running: start it with `make up`.") from error
