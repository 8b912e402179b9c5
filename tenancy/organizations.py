"""Organizations: their birth, and which ones a person belongs to."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backend.core.db import Database
from backend.core.errors import ConflictError
from backend.core.ids import OrgId, UserId, new_uuid
from tenancy.audit import AuditAction
from tenancy.changes import Change, record
from tenancy.context import TenantContext
from tenancy.models.change import EventCounter
from tenancy.models.organization import Membership, Organization
from tenancy.session import system, tenant


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


async def create_organization(database: Database, *, slug: str, name: str, is_demo: bool) -> OrgId:
    """A new organization without members, in a transaction of its own. Raises :class:`SlugTakenError`."""
    org_id = OrgId(new_uuid())
    created = Change(org_id, audit=AuditAction.ORGANIZATION_CREATED, details={"slug": slug})
    try:
        async with tenant(database, TenantContext(org_id)) as session:
            session.add(Organization(id=org_id, slug=slug, name=name, is_demo=is_demo))
            await session.flush()
            session.add(EventCounter(org_id=org_id, last_seq=0))
            record(session, created)
    except IntegrityError as error:
        raise SlugTakenError(f"there is an organization {slug!r} already") from error
    return org_id


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
    return [OrganizationInfo(OrgId(row.id), row.slug, row.name, row.is_demo) for row in rows]
