"""Saved views of the matrix by request. What a view holds is checked as a query is, before it is kept."""

from uuid import UUID

import msgspec
from litestar import Controller, delete, get, post, put
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import idempotency
from backend.api.deps import ApiRequest
from backend.api.filtering import domain
from backend.api.guards import needs
from backend.api.idempotency import Kept
from backend.api.presenting.columns import TITLES
from backend.api.presenting.common import person
from backend.core.errors import InvalidInputError
from backend.proposals import saved_views
from backend.proposals.saved_views import NamedView, Wanted
from backend.proposals.sorting import order_of
from backend.schemas.matrix import Option, ProposalFilter, View, ViewColumn, ViewList, ViewRequest
from tenancy.context import Principal
from tenancy.members import names_of
from tenancy.permissions import Right
from tenancy.replies import Reply
from tenancy.session import tenant

_WIDTHS = range(40, 2_001)


class ViewController(Controller):
    """``/api/v1/views``."""

    path = "/views"

    @get(opt=needs(Right.PROPOSALS_READ))
    async def index(self, request: ApiRequest) -> ViewList:
        """The person's own views and those of their teams."""
        principal = request.principal
        async with tenant(request.services.database, principal.tenant) as session:
            found = await saved_views.list_views(session, principal)
            teams = await names_of(session, principal.team_ids)
        by_name = sorted(teams.items(), key=lambda one: one[1].casefold())
        return ViewList(
            items=[_view(principal, one) for one in found],
            teams=[Option(value=str(key), label=name) for key, name in by_name],
        )

    @post(opt=needs(Right.PROPOSALS_READ))
    async def create(self, request: ApiRequest, data: JSONBody[ViewRequest]) -> Kept[View]:
        """Keep a view."""
        principal, wanted = request.principal, _wanted(request, data)

        async def act(session: AsyncSession) -> Reply:
            made = await saved_views.save(session, principal, wanted)
            return idempotency.reply(201, _view(principal, made))

        return await idempotency.kept(request, act)

    @put("/{view_id:uuid}", opt=needs(Right.PROPOSALS_READ))
    async def change(
        self, request: ApiRequest, view_id: FromPath[UUID], data: JSONBody[ViewRequest]
    ) -> View:
        """Write a view anew."""
        principal, wanted = request.principal, _wanted(request, data)
        async with tenant(request.services.database, principal.tenant) as session:
            changed = await saved_views.change(session, principal, view_id, wanted)
        return _view(principal, changed)

    @delete("/{view_id:uuid}", opt=needs(Right.PROPOSALS_READ))
    async def delete(self, request: ApiRequest, view_id: FromPath[UUID]) -> None:
        """Delete a view."""
        principal = request.principal
        async with tenant(request.services.database, principal.tenant) as session:
            await saved_views.delete(session, principal, view_id)


def _wanted(request: ApiRequest, data: ViewRequest) -> Wanted:
    domain(data.filter, request.services.connectors.actions, within="filter")
    order_of(data.sort)
    ids = [column.id for column in data.columns]
    for column in data.columns:
        if column.id not in TITLES:
            raise InvalidInputError(f"there is no column {column.id!r}", field="columns")
        if column.width is not None and column.width not in _WIDTHS:
            raise InvalidInputError("a column has 40 to 2000 pixels", field="columns")
    if not ids or len(set(ids)) != len(ids):
        raise InvalidInputError("name one column or more, each once", field="columns")
    return Wanted(
        name=data.name,
        filter=msgspec.to_builtins(data.filter),
        sort=data.sort,
        columns=msgspec.to_builtins(data.columns),
        team_id=data.team,
    )


def _view(principal: Principal, named: NamedView) -> View:
    row = named.row
    return View(
        id=str(row.id),
        name=row.name,
        filter=msgspec.convert(row.filter, ProposalFilter),
        sort=row.sort,
        columns=msgspec.convert(row.columns, list[ViewColumn]),
        by=person(row.user_id, named.author),
        team=named.team,
        team_id=str(row.team_id) if row.team_id else None,
        can_change=saved_views.can_change(principal, row),
        updated_at=row.updated_at,
    )
