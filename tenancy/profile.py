"""What a person sets for themselves: their name, and how they want the app. Theirs in every organization.

The database lets a session of the app write only the rows of the person it is bound to.
"""

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import InvalidInputError
from tenancy.audit import AuditAction
from tenancy.changes import Change, record
from tenancy.context import Principal
from tenancy.models.organization import UserAccount, UserPreference
from tenancy.names import cleaned

MOST_KEYS = 50
THEMES = ("system", "light", "dark")
DENSITIES = ("compact", "comfortable")


@dataclass(frozen=True, slots=True)
class Wanted:
    """How somebody wants the app. ``quiet_keys`` are single keys that do nothing."""

    theme: str = "system"
    density: str = "compact"
    quiet_keys: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.theme not in THEMES:
            raise InvalidInputError(f"use one of {', '.join(THEMES)}", field="theme")
        if self.density not in DENSITIES:
            raise InvalidInputError(f"use one of {', '.join(DENSITIES)}", field="density")
        if len(self.quiet_keys) > MOST_KEYS or not all(_is_key(key) for key in self.quiet_keys):
            raise InvalidInputError(
                f"at most {MOST_KEYS} keys, each one visible character", field="quietKeys"
            )


async def rename(session: AsyncSession, principal: Principal, name: str) -> str:
    """Give oneself another name; returns it. Raises :class:`InvalidInputError`."""
    said = cleaned(name)
    account = UserAccount
    await session.execute(update(account).where(account.id == principal.user_id).values(name=said))
    renamed = {"from": principal.name, "to": said}
    record(session, Change(principal.user_id, audit=AuditAction.USER_RENAMED, details=renamed))
    return said


async def preferences_of(session: AsyncSession, principal: Principal) -> Wanted:
    """What the person has set, or what everybody begins with."""
    table = UserPreference
    row = await session.scalar(select(table).where(table.user_id == principal.user_id))
    return Wanted() if row is None else Wanted(row.theme, row.density, tuple(row.quiet_keys))


async def prefer(session: AsyncSession, principal: Principal, wanted: Wanted) -> None:
    """Keep how the person wants the app."""
    values = {
        "theme": wanted.theme,
        "density": wanted.density,
        "quiet_keys": list(wanted.quiet_keys),
    }
    statement = insert(UserPreference).values(user_id=principal.user_id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=values))


def _is_key(key: str) -> bool:
    return len(key) == 1 and key.isprintable() and not key.isspace()
