"""Members and teams of the organization by request."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, delete, get, patch, post, put
from litestar.params import FromPath, JSONBody, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import idempotency, paging
from backend.api.deps import ApiRequest
from backend.api.guards import by_person, needs, signed_in
from backend.api.idempotency import Kept
from backend.api.presenting.common import initials, permission
from backend.core.errors import InvalidInputError
from backend.schemas import directory as wire
from backend.schemas.common import Page
from tenancy import directory, teams
from tenancy.context import Principal
from tenancy.directory import list_members
from tenancy.permissions import Right, lacks
from tenancy.replies import Reply
from tenancy.roles import role_to_give
from tenancy.session import tenant

_Role = Annotated[str | None, QueryParameter(name="role")]


class MemberController(Controller):
    """``/api/v1/members``."""

    path = "/members"

    @get(opt=needs(Right.USERS_READ))
    async def index(
        self,
        request: ApiRequest,
        role: _Role = None,
        limit: paging.Limit = 50,
        cursor: paging.Cursor = None,
    ) -> Page[wire.Member]:
        """Who belongs to the organization, by name; with ``role`` (an id) those who have it themselves."""
        principal, place = request.principal, f"members {role or ''}"
        after = paging.begin(request, place, cursor)
        async with tenant(request.services.database, principal.tenant) as session:
            found, total = await list_members(session, role=role, after=after, limit=limit + 1)
        shown = found[:limit]
        behind = (shown[-1].name, shown[-1].user_id) if len(found) > limit else None
        return Page(
            items=[_member(principal, one) for one in shown],
            next_cursor=paging.following(request, place, behind),
            total=total,
            total_is_estimate=False,
        )

    @patch("/{user_id:uuid}", opt=needs(Right.USERS_UPDATE), status_code=204)
    async def update(
        self, request: ApiRequest, user_id: FromPath[UUID], data: JSONBody[wire.MemberUpdate]
    ) -> None:
        """Give a member another role or other teams."""
        principal = request.principal
        if data.role is msgspec.UNSET and data.teams is msgspec.UNSET:
            raise InvalidInputError("say what is to change: role or teams", field="role")
        async with tenant(request.services.database, principal.tenant) as session:
            if data.role is not msgspec.UNSET:
                role = await role_to_give(session, data.role)
                await directory.give_role(session, principal, user_id, role)
            if data.teams is not msgspec.UNSET:
                await directory.put_into_teams(session, principal, user_id, data.teams)

    @delete("/{user_id:uuid}", opt=needs(Right.USERS_DELETE))
    async def remove(self, request: ApiRequest, user_id: FromPath[UUID]) -> None:
        """End somebody's membership."""
        principal = request.principal
        async with tenant(request.services.database, principal.tenant) as session:
            await directory.remove_member(session, principal, user_id)


@delete("/me/membership", opt=by_person(signed_in()))
async def leave(request: ApiRequest) -> None:
    """Leave the organization."""
    principal = request.principal
    async with tenant(request.services.database, principal.tenant) as session:
        await directory.remove_member(session, principal, principal.user_id)


class TeamController(Controller):
    """``/api/v1/teams``."""

    path = "/teams"

    @get(opt=needs(Right.USERS_READ))
    async def index(self, request: ApiRequest) -> wire.TeamList:
        """All teams."""
        async with tenant(request.services.database, request.principal.tenant) as session:
            found = await teams.list_teams(session)
        return wire.TeamList(
            items=[_team(one) for one in found],
            can_change=permission(lacks(request.principal, Right.USERS_UPDATE)),
        )

    @post(opt=needs(Right.USERS_UPDATE))
    async def create(self, request: ApiRequest, data: JSONBody[wire.TeamWish]) -> Kept[wire.Team]:
        """A new team."""

        async def act(session: AsyncSession) -> Reply:
            made = await teams.create_team(session, data.name, data.parent)
            await _give(session, request.principal, made, data)
            return idempotency.reply(201, _team(await teams.show_team(session, made)))

        return await idempotency.kept(request, act)

    @put("/{team_id:uuid}", opt=needs(Right.USERS_UPDATE))
    async def change(
        self, request: ApiRequest, team_id: FromPath[UUID], data: JSONBody[wire.TeamWish]
    ) -> wire.Team:
        """Give a team this name and place, and its members this role within it."""
        shape = teams.TeamShape(data.name, data.parent)
        async with tenant(request.services.database, request.principal.tenant) as session:
            await teams.change_team(session, team_id, shape)
            await _give(session, request.principal, team_id, data)
            return _team(await teams.show_team(session, team_id))

    @delete("/{team_id:uuid}", opt=needs(Right.USERS_UPDATE))
    async def remove(self, request: ApiRequest, team_id: FromPath[UUID]) -> None:
        """Delete an empty team."""
        async with tenant(request.services.database, request.principal.tenant) as session:
            await teams.delete_team(session, team_id)


async def _give(
    session: AsyncSession, principal: Principal, team_id: UUID, wanted: wire.TeamWish
) -> None:
    if wanted.role is not msgspec.UNSET:
        role = None if wanted.role is None else await role_to_give(session, wanted.role)
        await directory.give_team_role(session, principal, team_id, role)


def _member(principal: Principal, one: directory.Member) -> wire.Member:
    return wire.Member(
        id=str(one.user_id),
        name=one.name,
        initials=initials(one.name),
        email=one.email,
        role=one.role.key,
        teams=[str(team) for team in one.teams],
        since=one.since,
        can_change=permission(directory.cannot_change(principal, one)),
        can_remove=permission(directory.cannot_remove(principal, one)),
    )


def _team(one: teams.TeamInfo) -> wire.Team:
    parent = str(one.parent_id) if one.parent_id else None
    return wire.Team(
        id=str(one.id), name=one.name, parent=parent, members=one.members, role=one.role
    )
