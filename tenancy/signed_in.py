"""Where a person is signed in: sessions of browsers and token families of programs, over all organizations.

These tables belong to the system role, so every statement here names the person. An end is audited in the
organization that the session was in.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import now
from backend.core.db import Database
from backend.core.errors import NotFoundError
from backend.core.ids import OrgId, UserId
from tenancy.audit import AuditAction
from tenancy.changes import Change, write_audit
from tenancy.context import Principal, TenantContext
from tenancy.models.organization import Organization, RefreshToken, WebSession
from tenancy.principals import Lease
from tenancy.session import system

BROWSER, PROGRAM = "browser", "program"


class SessionNotFoundError(NotFoundError):
    """The person has no such session, or it has ended."""

    code = "session_not_found"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """One place where somebody is signed in."""

    id: UUID
    kind: str
    org_id: UUID
    organization: str
    user_agent: str | None
    address: str | None
    opened_at: datetime
    last_used_at: datetime
    expires_at: datetime


async def sessions_of(database: Database, principal: Principal) -> list[SignedIn]:
    """All that have not ended, the newest use first."""
    async with system(database) as session:
        found = [*await _browsers(session, principal), *await _programs(session, principal)]
    return sorted(found, key=lambda one: one.last_used_at, reverse=True)


async def revoke(database: Database, principal: Principal, ids: Iterable[UUID]) -> None:
    """End these of the person's sessions. Raises :class:`SessionNotFoundError` when one is not theirs or has ended."""
    async with system(database) as session:
        for one in ids:
            org_id = await _end(session, principal, one)
            if org_id is None:
                raise SessionNotFoundError("you have no such session")
            context = TenantContext(
                OrgId(org_id), principal.user_id, principal.channel, principal.request_id
            )
            await write_audit(session, context, [Change(one, audit=AuditAction.SESSION_REVOKED)])


async def end_everything(
    session: AsyncSession, user_id: UserId, *, but: Lease | None = None
) -> None:
    """End all of a person's sessions and token families but the one they ask with; the caller audits why."""
    here = (but.session_id, but.family_id) if but else (None, None)
    browsers = update(WebSession).where(
        WebSession.user_id == user_id,
        WebSession.revoked_at.is_(None),
        WebSession.id.is_distinct_from(here[0]),
    )
    programs = update(RefreshToken).where(
        RefreshToken.user_id == user_id,
        RefreshToken.revoked_at.is_(None),
        RefreshToken.family_id.is_distinct_from(here[1]),
    )
    for ended in (browsers, programs):
        await session.execute(ended.values(revoked_at=now()))


async def _browsers(session: AsyncSession, principal: Principal) -> list[SignedIn]:
    query = (
        select(WebSession, Organization.name)
        .join(Organization, Organization.id == WebSession.org_id)
        .where(
            WebSession.user_id == principal.user_id,
            WebSession.revoked_at.is_(None),
            WebSession.expires_at > now(),
        )
    )
    return [
        SignedIn(
            id=row.id,
            kind=BROWSER,
            org_id=row.org_id,
            organization=organization,
            user_agent=row.user_agent,
            address=row.address,
            opened_at=row.created_at,
            last_used_at=row.last_used_at or row.created_at,
            expires_at=row.expires_at,
        )
        for row, organization in await session.execute(query)
    ]


async def _programs(session: AsyncSession, principal: Principal) -> list[SignedIn]:
    """One of each family: a family ends when one of its tokens was revoked or all are too old."""
    table = RefreshToken
    query = (
        select(table, Organization.name)
        .join(Organization, Organization.id == table.org_id)
        .where(table.user_id == principal.user_id, table.expires_at > now())
        .order_by(table.family_id, table.issued_at, table.id)
    )
    families: dict[UUID, list[tuple[RefreshToken, str]]] = {}
    for row, organization in await session.execute(query):
        families.setdefault(row.family_id, []).append((row, organization))
    opened = await session.execute(
        select(table.family_id, func.min(table.issued_at))
        .where(table.family_id.in_(families))
        .group_by(table.family_id)
    )
    opened_at = dict(opened.all())
    alive = (rows for rows in families.values() if not any(row.revoked_at for row, _ in rows))
    return [_program(rows, opened_at[rows[0][0].family_id]) for rows in alive]


def _program(rows: list[tuple[RefreshToken, str]], opened_at: datetime) -> SignedIn:
    (first, organization), (last, _) = rows[0], rows[-1]
    return SignedIn(
        id=first.family_id,
        kind=PROGRAM,
        org_id=first.org_id,
        organization=organization,
        user_agent=first.user_agent,
        address=first.address,
        opened_at=opened_at,
        last_used_at=last.last_used_at or last.issued_at,
        expires_at=last.expires_at,
    )


async def _end(session: AsyncSession, principal: Principal, one: UUID) -> UUID | None:
    """The organization of the session that has ended; None when there is none."""
    ended: UUID | None = await session.scalar(
        update(WebSession)
        .where(
            WebSession.id == one,
            WebSession.user_id == principal.user_id,
            WebSession.revoked_at.is_(None),
            WebSession.expires_at > now(),
        )
        .values(revoked_at=now())
        .returning(WebSession.org_id)
    )
    if ended is not None:
        return ended
    family = await session.scalars(
        update(RefreshToken)
        .where(
            RefreshToken.family_id == one,
            RefreshToken.user_id == principal.user_id,
            RefreshToken.revoked_at.is_(None),
        )
        .values(revoked_at=now())
        .returning(RefreshToken.org_id)
    )
    return next(iter(family.all()), None)
