"""What commands over REST have in common: who they act for, and tables as wide as their content."""

import argparse
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import httpx

from backend.embedded import demo_file
from backend.embedded.demo_api import DemoApi
from backend.embedded.demo_file import DemoFile, DemoUser
from backend.embedded.errors import StartupError

_PATIENCE_SECONDS = 30
_WIDEST = 72

Say = Callable[[str], None]


@asynccontextmanager
async def signed_in(options: argparse.Namespace, demo: Path) -> AsyncIterator[DemoApi]:
    """The API in the name of whom the options name. Raises :class:`StartupError` with what is wrong."""
    if options.url and not options.token:
        raise StartupError("--url needs --token: the demo's log-ins are of this machine only.")
    url = options.url or demo_file.read(demo).api_url
    try:
        async with httpx.AsyncClient(base_url=url, timeout=_PATIENCE_SECONDS) as http:
            if options.token:
                yield DemoApi(http, options.token)
            else:
                user = _person(demo_file.read(demo), options.person)
                yield await DemoApi.log_in(http, user.email, user.password)
    except httpx.TransportError as error:
        raise StartupError(f"Nothing answers at {url}: is it running?") from error


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their content; texts are cut so that a line stays a line."""
    lines = [head, *([_cut(cell) for cell in row] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def section(say: Say, title: str, text: str) -> None:
    """A table under its title, unless it has no rows."""
    if "\n" in text:
        say(f"\n{title}\n{text}")


def moment(at: datetime) -> str:
    """A time on this machine's clock."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDEST else f"{line[: _WIDEST - 1]}…"


def _person(demo: DemoFile, email: str | None) -> DemoUser:
    for user in demo.users:
        if user.email == email or (email is None and user.role == "admin"):
            return user
    known = ", ".join(user.email for user in demo.users)
    raise StartupError(f"The demo knows nobody as {email}; it knows {known}.")
