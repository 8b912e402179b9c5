"""Finds an organization or a person by the name they are known by, before a tenant is chosen."""

from sqlalchemy import select

from backend.core.db import Database
from backend.core.ids import OrgId, UserId
from tenancy.models.organization import Organization, UserAccount
from tenancy.passwords import normal_email
from tenancy.session import system


async def organization_by_slug(database: Database, slug: str) -> OrgId | None:
    """The organization with this slug, if there is one."""
    async with system(database) as session:
        found = await session.scalar(select(Organization.id).where(Organization.slug == slug))
    return OrgId(found) if found else None


async def user_by_email(database: Database, email: str) -> UserId | None:
    """The person with this e-mail address, if there is one."""
    query = select(UserAccount.id).where(UserAccount.email == normal_email(email))
    async with system(database) as session:
        found = await session.scalar(query)
    return UserId(found) if found else None
