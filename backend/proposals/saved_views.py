"""Saved views of the matrix: one's own, and those that are shared with one's teams."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import now
from backend.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
)
from backend.core.ids import new_uuid
from backend.proposals.view_models import SavedView
from tenancy.audit import AuditAction
from tenancy.changes import Change, record
from tenancy.context import Principal
from tenancy.members import names_of
from tenancy.permissions import Right, reach_of

LONGEST_NAME = 60
MOST = 50


class ViewNotFoundError(NotFoundError):
    """There is no such view, or it is somebody else's own."""

    code = "view_not_found"


class ViewNameTakenError(ConflictError):
    """The author has a view of this name."""

    code = "view_name_taken"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is kept of a view; its filter, order and columns were checked by who took them from the wire."""

    name: str
    filter: Mapping[str, Any]
    sort: str
    columns: Collection[Mapping[str, Any]]
    team_id: UUID | None


@dataclass(frozen=True, slots=True)
class NamedView:
    """A view with the names of its author and team."""

    row: SavedView
    author: str
    team: str | None


async def list_views(session: AsyncSession, principal: Principal) -> list[NamedView]:
    """All that the person may see, by name."""
    rows = await session.scalars(
        select(SavedView).where(_visible(principal)).order_by(SavedView.name, SavedView.id)
    )
    return await _named(session, list(rows))


async def save(session: AsyncSession, principal: Principal, wanted: Wanted) -> NamedView:
    """A new view of the person's own."""
    _check(principal, wanted)
    own = select(func.count()).where(SavedView.user_id == principal.user_id)
    if (await session.scalar(own) or 0) >= MOST:
        raise ConflictError(f"you have {MOST} views; delete one first")
    row = SavedView(org_id=principal.org_id, id=new_uuid(), user_id=principal.user_id)
    _put(row, wanted)
    row.created_at = row.updated_at
    session.add(row)
    return await _written(session, row, AuditAction.VIEW_SAVED)


async def change(
    session: AsyncSession, principal: Principal, view_id: UUID, wanted: Wanted
) -> NamedView:
    """Write all of a view anew; it stays its author's."""
    row = await _changeable(session, principal, view_id)
    _check(principal, wanted)
    _put(row, wanted)
    return await _written(session, row, AuditAction.VIEW_CHANGED)


async def delete(session: AsyncSession, principal: Principal, view_id: UUID) -> None:
    """Delete a view for everybody who sees it."""
    row = await _changeable(session, principal, view_id)
    details = {"name": row.name}
    await session.delete(row)
    record(session, Change(view_id, audit=AuditAction.VIEW_DELETED, details=details))


def can_change(principal: Principal, row: SavedView) -> bool:
    """Its author may, and who leads the team it is shared with (or administers the organization from within it)."""
    if row.user_id == principal.user_id:
        return True
    reach = reach_of(principal, Right.PROPOSALS_UPDATE)
    return reach is not None and reach.spans(row.team_id) and row.team_id in principal.team_ids


def _visible(principal: Principal) -> ColumnElement[bool]:
    shared = SavedView.team_id.in_(principal.team_ids)
    return or_(SavedView.user_id == principal.user_id, shared)


async def _changeable(session: AsyncSession, principal: Principal, view_id: UUID) -> SavedView:
    found = select(SavedView).where(SavedView.id == view_id, _visible(principal))
    row = await session.scalar(found.with_for_update())
    if row is None:
        raise ViewNotFoundError("there is no such view among yours and those of your teams")
    if not can_change(principal, row):
        raise PermissionDeniedError("only its author or who leads the team can change this view")
    return row


def _check(principal: Principal, wanted: Wanted) -> None:
    if not 0 < len(wanted.name.strip()) <= LONGEST_NAME:
        raise InvalidInputError(f"a name has 1 to {LONGEST_NAME} characters", field="name")
    if wanted.team_id is not None and wanted.team_id not in principal.team_ids:
        raise InvalidInputError("share a view with a team of your own", field="team")


def _put(row: SavedView, wanted: Wanted) -> None:
    row.name = wanted.name.strip()
    row.filter = dict(wanted.filter)
    row.sort = wanted.sort
    row.columns = [dict(column) for column in wanted.columns]
    row.team_id = wanted.team_id
    row.updated_at = now()


async def _written(session: AsyncSession, row: SavedView, act: AuditAction) -> NamedView:
    try:
        await session.flush()
    except IntegrityError as error:
        raise ViewNameTakenError("there is a view of this name already", field="name") from error
    shared = str(row.team_id) if row.team_id else None
    record(session, Change(row.id, audit=act, details={"name": row.name, "team": shared}))
    return (await _named(session, [row]))[0]


async def _named(session: AsyncSession, rows: Collection[SavedView]) -> list[NamedView]:
    ids = {row.user_id for row in rows} | {row.team_id for row in rows if row.team_id}
    names = await names_of(session, ids)
    return [
        NamedView(
            row,
            names.get(row.user_id, "Somebody who has left"),
            names.get(row.team_id) if row.team_id else None,
        )
        for row in rows
    ]
