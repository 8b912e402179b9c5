"""Organizations: their birth, what is said of them, and which ones a person belongs to."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import now
from backend.core.db import Database
from backend.core.errors import ConflictError, InvalidInputError, NotFoundError
from backend.core.ids import OrgId, UserId, new_uuid
from tenancy.audit import AuditAction
from tenancy.changes import Change, record, write_audit
from tenancy.context import Channel, TenantContext
from tenancy.models.change import EventCounter
from tenancy.models.organization import Membership, Organization
from tenancy.names import cleaned
from tenancy.session import context_of, lookup, system, tenant
from tenancy.status import OrganizationSuspendedError, Status
from tenancy.tiers import Tier

_SLUG = re.compile(r"[a-z0-9](-?[a-z0-9]){1,62}")


class SlugTakenError(ConflictError):
    """Another organization has this slug."""

    code = "slug_taken"


@dataclass(frozen=True, slots=True)
class OrganizationInfo:
    """An organization as its members see it."""

    id: OrgId
    slug: str
    name: str
    is_demo: bool
    status: Status


@dataclass(frozen=True, slots=True)
class Profile:
    """What an organization is told of itself."""

    slug: str
    name: str
    status: Status
    residency: str | None
    tier: Tier
    is_demo: bool
    created_at: datetime


class OrganizationNotFoundError(NotFoundError):
    """There is no organization with this slug."""

    code = "organization_not_found"


async def create_organization(
    database: Database,
    *,
    slug: str,
    name: str,
    is_demo: bool,
    tier: Tier = Tier.FREE,
    residency: str | None = None,
) -> OrgId:
    """A new organization without members, in a transaction of its own.

    Raises :class:`SlugTakenError`, and 422 for a slug or name that cannot be.
    """
    if not _SLUG.fullmatch(slug):
        told = (
            "a slug has 2 to 63 characters: small letters, digits, and single hyphens between them"
        )
        raise InvalidInputError(told, field="slug")
    org_id = OrgId(new_uuid())
    row = Organization(
        id=org_id,
        slug=slug,
        name=cleaned(name),
        is_demo=is_demo,
        tier=tier,
        residency=residency,
    )
    created = Change(org_id, audit=AuditAction.ORGANIZATION_CREATED, details={"slug": slug})
    try:
        async with tenant(database, TenantContext(org_id)) as session:
            session.add(row)
            await session.flush()
            session.add(EventCounter(org_id=org_id, last_seq=0))
            record(session, created)
    except IntegrityError as error:
        raise SlugTakenError(f"there is an organization {slug!r} already") from error
    return org_id


async def set_tier(database: Database, slug: str, tier: Tier) -> None:
    """Put an organization on another tier; it holds from the next request. Only who runs the installation may.

    What is beyond a lower tier's quotas stays, but nothing can be added to it. Raises
    :class:`OrganizationNotFoundError`.
    """
    async with system(database) as session:
        found = await _locked(session, slug)
        change = {"from": found.tier, "to": tier}
        found.tier = tier
        await _written(session, found, AuditAction.ORGANIZATION_TIER_CHANGED, change)


async def set_residency(database: Database, slug: str, residency: str) -> None:
    """Say where an organization's data lie: a label for its people, which moves nothing.

    Only who runs the installation may. Raises :class:`OrganizationNotFoundError`.
    """
    async with system(database) as session:
        found = await _locked(session, slug)
        change = {"from": found.residency, "to": cleaned(residency)}
        found.residency = change["to"]
        await _written(session, found, AuditAction.ORGANIZATION_RESIDENCY_CHANGED, change)


async def suspend(database: Database, slug: str, reason: str) -> None:
    """Let nobody work in an organization from the next request and activity on, until :func:`resume`.

    Nothing of it is lost: what comes in is kept, and what was begun waits. Only who runs the installation may; a
    suspended one stays as it is. Raises :class:`OrganizationNotFoundError`.
    """
    if not reason.strip():
        raise InvalidInputError("say why: the reason is kept in the audit", field="reason")
    act = AuditAction.ORGANIZATION_SUSPENDED
    await _become(database, slug, Status.SUSPENDED, act, reason=reason.strip())


async def lost_time(database: Database, slug: str) -> tuple[OrgId, timedelta]:
    """The organization, and for how long it has been suspended until now. Raises :class:`OrganizationNotFoundError`."""
    async with system(database) as session:
        found = await _locked(session, slug)
    since = found.suspended_at
    return OrgId(found.id), now() - since if since else timedelta()


async def resume(database: Database, slug: str) -> None:
    """Let an organization go on where it was. Raises :class:`OrganizationNotFoundError`."""
    await _become(database, slug, Status.ACTIVE, AuditAction.ORGANIZATION_RESUMED)


async def require_active(database: Database, org_id: OrgId) -> None:
    """Raise :class:`OrganizationSuspendedError` unless one may work in the organization at this moment."""
    query = select(Organization.status).where(Organization.id == org_id)
    async with lookup(database) as connection:
        if await connection.scalar(query) == Status.SUSPENDED:
            raise OrganizationSuspendedError


async def show_organization(session: AsyncSession) -> Profile:
    """The session's own organization."""
    row = await session.get_one(Organization, context_of(session).org_id)
    status, tier = Status(row.status), Tier(row.tier)
    return Profile(row.slug, row.name, status, row.residency, tier, row.is_demo, row.created_at)


async def rename_organization(session: AsyncSession, name: str) -> None:
    """Give the session's own organization another name; its slug stays. Raises 422 for none."""
    row, said = await session.get_one(Organization, context_of(session).org_id), cleaned(name)
    if said == row.name:
        return
    renamed = {"from": row.name, "to": said}
    row.name = said
    record(session, Change(row.id, audit=AuditAction.ORGANIZATION_RENAMED, details=renamed))


async def organizations_of(database: Database, user_id: UserId) -> list[OrganizationInfo]:
    """The organizations that a person belongs to, by name. Needs no tenant: it runs before one is chosen."""
    query = (
        select(Organization)
        .join(Membership, Membership.org_id == Organization.id)
        .where(Membership.user_id == user_id)
        .order_by(Organization.name, Organization.id)
    )
    async with system(database) as session:
        rows = (await session.scalars(query)).all()
    return [
        OrganizationInfo(OrgId(row.id), row.slug, row.name, row.is_demo, Status(row.status))
        for row in rows
    ]


async def _become(
    database: Database, slug: str, status: Status, act: AuditAction, **details: object
) -> None:
    async with system(database) as session:
        found = await _locked(session, slug)
        if found.status != status:
            found.status = status
            found.suspended_at = now() if status is Status.SUSPENDED else None
            await _written(session, found, act, details)


async def _written(
    session: AsyncSession, found: Organization, act: AuditAction, details: Mapping[str, object]
) -> None:
    await session.flush()
    context = TenantContext(OrgId(found.id), channel=Channel.CLI)
    await write_audit(session, context, [Change(found.id, audit=act, details=details)])


async def _locked(session: AsyncSession, slug: str) -> Organization:
    query = select(Organization).where(Organization.slug == slug).with_for_update(key_share=True)
    found = await session.scalar(query)
    if found is None:
        raise OrganizationNotFoundError(f"there is no organization {slug!r}")
    return found
