"""Teams of an organization and the team that a person's work belongs to."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.ids import TeamId, UserId
from tenancy.models.organization import TeamMember


async def primary_team(session: AsyncSession, user_id: UserId) -> TeamId | None:
    """The person's primary team in the session's organization, if they have one."""
    found = await session.scalar(
        select(TeamMember.team_id).where(TeamMember.user_id == user_id, TeamMember.is_primary)
    )
    return TeamId(found) if found else None
