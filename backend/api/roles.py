"""Roles of the organization by request."""

from uuid import UUID

import msgspec
from litestar import Controller, delete, get, patch, post
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import idempotency
from backend.api.deps import ApiRequest
from backend.api.guards import needs
from backend.api.idempotency import Kept
from backend.api.presenting.common import permission
from backend.core.errors import InvalidInputError
from backend.schemas import roles as wire
from tenancy import directory, roles
from tenancy.context import Principal
from tenancy.permissions import Right, Scope, narrowest, permission_names
from tenancy.replies import Reply
from tenancy.session import tenant


class RoleController(Controller):
    """``/api/v1/roles``."""

    path = "/roles"

    @get(opt=needs(Right.USERS_READ))
    async def index(self, request: ApiRequest) -> wire.RoleList:
        """The roles that a member or a team can have, and the rights that a role can hold."""
        principal = request.principal
        async with tenant(request.services.database, principal.tenant) as session:
            found = await roles.list_roles(session)
        return wire.RoleList(
            items=[_role(principal, one) for one in found],
            rights=[_right(principal, right) for right in Right],
            can_create=permission(roles.cannot_write(principal)),
        )

    @post(opt=needs(Right.SETTINGS_ADMIN))
    async def create(
        self, request: ApiRequest, data: JSONBody[wire.RoleWish]
    ) -> Kept[wire.RoleInfo]:
        """A new role, which holds no more than whoever makes it."""
        principal = request.principal

        async def act(session: AsyncSession) -> Reply:
            made = await roles.create_role(session, principal, data.name, data.permissions)
            return idempotency.reply(201, _role(principal, await roles.show_role(session, made)))

        return await idempotency.kept(request, act)

    @patch("/{role_id:uuid}", opt=needs(Right.SETTINGS_ADMIN))
    async def change(
        self, request: ApiRequest, role_id: FromPath[UUID], data: JSONBody[wire.RoleUpdate]
    ) -> wire.RoleInfo:
        """Give a role another name or other permissions; they hold from everybody's next request on."""
        principal = request.principal
        if data.name is msgspec.UNSET and data.permissions is msgspec.UNSET:
            raise InvalidInputError("say what is to change: name or permissions", field="name")
        async with tenant(request.services.database, principal.tenant) as session:
            await roles.change_role(
                session,
                principal,
                role_id,
                name=None if data.name is msgspec.UNSET else data.name,
                permissions=None if data.permissions is msgspec.UNSET else data.permissions,
            )
            return _role(principal, await roles.show_role(session, role_id))

    @delete("/{role_id:uuid}", opt=needs(Right.SETTINGS_ADMIN))
    async def remove(self, request: ApiRequest, role_id: FromPath[UUID]) -> None:
        """Delete a role that nobody has."""
        async with tenant(request.services.database, request.principal.tenant) as session:
            await roles.delete_role(session, role_id)


def _role(principal: Principal, held: roles.Held) -> wire.RoleInfo:
    role = held.role
    return wire.RoleInfo(
        id=role.key,
        name=role.name,
        custom=role.is_custom,
        permissions=list(role.permissions),
        grants=permission_names(role.grants),
        members=held.members,
        teams=list(held.teams),
        can_give=permission(directory.cannot_give(principal, role)),
        can_change=permission(roles.cannot_write(principal, role)),
    )


def _right(principal: Principal, right: Right) -> wire.RightInfo:
    resource, _, action = right.partition(":")
    yours = principal.grants.get(right)
    return wire.RightInfo(
        resource=resource,
        action=action,
        scopes=[str(scope) for scope in Scope if scope >= narrowest(right)],
        yours=None if yours is None else str(yours),
    )
