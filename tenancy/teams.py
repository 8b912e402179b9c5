"""The teams of an organization: a tree whose shape the database guards."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, and_, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import ConflictError, InvalidInputError, NotFoundError
from backend.core.ids import TeamId, UserId, new_uuid
from tenancy.audit import AuditAction
from tenancy.changes import Change, record
from tenancy.models.organization import Team, TeamMember, TeamRole
from tenancy.names import cleaned
from tenancy.roles import key_of
from tenancy.session import context_of

_NAME_KEY, _CIRCLE = "uq_team_name", "below itself"
_NO_SUCH = "there is no such team in this organization"


class TeamNotFoundError(NotFoundError):
    """There is no such team in the organization."""

    code = "team_not_found"


class TeamNameTakenError(ConflictError):
    """Another team of the organization has this name."""

    code = "team_name_taken"


class TeamInUseError(ConflictError):
    """A team with members, teams below it or work of its own stays."""

    code = "team_in_use"


@dataclass(frozen=True, slots=True)
class TeamInfo:
    """A team as admins see it. ``role`` is the key of what its members may do within it."""

    id: TeamId
    name: str
    parent_id: TeamId | None
    members: int
    role: str | None


@dataclass(frozen=True, slots=True)
class TeamShape:
    """What a team is called and where it lies; without a parent at the top."""

    name: str
    parent_id: UUID | None = None


async def primary_team(session: AsyncSession, user_id: UserId) -> TeamId | None:
    """The person's primary team in the session's organization, if they have one."""
    found = await session.scalar(
        select(TeamMember.team_id).where(TeamMember.user_id == user_id, TeamMember.is_primary)
    )
    return TeamId(found) if found else None


async def list_teams(session: AsyncSession) -> Sequence[TeamInfo]:
    """All teams of the session's organization, by name."""
    found = await session.execute(_counted().order_by(func.lower(Team.name), Team.id))
    return [_info(*one) for one in found]


async def show_team(session: AsyncSession, team_id: UUID) -> TeamInfo:
    """One team. Raises :class:`TeamNotFoundError`."""
    found = (await session.execute(_counted().where(Team.id == team_id))).one_or_none()
    if found is None:
        raise TeamNotFoundError(_NO_SUCH)
    return _info(*found)


async def create_team(session: AsyncSession, name: str, parent_id: UUID | None = None) -> TeamId:
    """A new team. Raises :class:`TeamNameTakenError` and, for a name or parent that cannot be, 422."""
    team_id = TeamId(new_uuid())
    shape = TeamShape(name, parent_id)
    row = Team(org_id=context_of(session).org_id, id=team_id)
    await _write(session, row, shape)
    record(session, Change(team_id, audit=AuditAction.TEAM_CREATED, details={"name": row.name}))
    return team_id


async def change_team(session: AsyncSession, team_id: UUID, wanted: TeamShape) -> None:
    """Give a team this name and place. Raises what :func:`create_team` raises, and not found."""
    row = await _team(session, team_id)
    before = _place(row)
    await _write(session, row, wanted)
    details = {"before": before, "after": _place(row)}
    record(session, Change(team_id, audit=AuditAction.TEAM_CHANGED, details=details))


async def delete_team(session: AsyncSession, team_id: UUID) -> None:
    """Delete an empty team. Raises :class:`TeamInUseError` when something still hangs on it."""
    row = await _team(session, team_id)
    record(session, Change(team_id, audit=AuditAction.TEAM_DELETED, details={"name": row.name}))
    try:
        async with session.begin_nested():
            await session.delete(row)
    except IntegrityError as error:
        raise TeamInUseError(
            "this team has members, teams below it or work of its own; move those first"
        ) from error


async def _team(session: AsyncSession, team_id: UUID) -> Team:
    """The team; all of them are locked in one order, so that two moves that pass each other wait and do not clash."""
    found = await session.scalars(select(Team).order_by(Team.id).with_for_update())
    row = next((one for one in found if one.id == team_id), None)
    if row is None:
        raise TeamNotFoundError(_NO_SUCH)
    return row


async def _write(session: AsyncSession, row: Team, shape: TeamShape) -> None:
    name = cleaned(shape.name)
    row.name, row.parent_id = name, shape.parent_id
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        said = str(error.orig)
        if _NAME_KEY in said:
            raise TeamNameTakenError(f"there is a team {name!r} already") from error
        if _CIRCLE in said:
            raise InvalidInputError("a team cannot lie below itself", field="parent") from error
        raise InvalidInputError("there is no such team to lie below", field="parent") from error


def _place(row: Team) -> dict[str, str | None]:
    return {"name": row.name, "parent": str(row.parent_id) if row.parent_id else None}


def _counted() -> Select[Team, int, TeamRole | None]:
    members = (
        select(func.count())
        .where(TeamMember.org_id == Team.org_id, TeamMember.team_id == Team.id)
        .scalar_subquery()
    )
    has = and_(TeamRole.org_id == Team.org_id, TeamRole.team_id == Team.id)
    return select(Team, members, TeamRole).outerjoin(TeamRole, has)


def _info(row: Team, members: int, given: TeamRole | None) -> TeamInfo:
    parent = TeamId(row.parent_id) if row.parent_id else None
    role = key_of(given.role, given.role_id) if given else None
    return TeamInfo(TeamId(row.id), row.name, parent, members, role)
