"""The audit by request: searched and narrowed, newest first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import paging
from backend.api.deps import ApiRequest
from backend.api.guards import needs
from backend.api.narrowing import moment
from backend.api.presenting.audit import title
from backend.api.presenting.common import permission, person
from backend.core.errors import InvalidInputError
from backend.proposals.repository import sentences
from backend.runs.repository import playbooks_of
from backend.schemas.audit import AuditAct, AuditActList, AuditEntry, AuditEntryList
from tenancy.audit import AuditAction
from tenancy.auditing.reading import Told, Wanted, newest
from tenancy.context import Principal
from tenancy.members import names_of
from tenancy.permissions import Right, lacks, reach_of
from tenancy.session import tenant

_PLACE = "audit"
_LONGEST_TEXT = 200
_NOBODY = "somebody who has left"
_Actor = Annotated[UUID | None, QueryParameter(name="actor")]
_Actions = Annotated[list[str] | None, QueryParameter(name="action")]
_Subject = Annotated[UUID | None, QueryParameter(name="subject")]
_From = Annotated[str | None, QueryParameter(name="from")]
_To = Annotated[str | None, QueryParameter(name="to")]
_Text = Annotated[str | None, QueryParameter(name="q", max_length=_LONGEST_TEXT)]


def wanted_of_query(
    *,
    actor: _Actor = None,
    action: _Actions = None,
    subject: _Subject = None,
    since: _From = None,
    until: _To = None,
    q: _Text = None,
) -> Wanted:
    """The query parameters of the audit as one value. Raises :class:`InvalidInputError`."""
    unknown = sorted(set(action or ()) - set(AuditAction))
    if unknown:
        raise InvalidInputError(f"there is no act {unknown[0]!r}", field="action")
    if q is not None and "\0" in q:
        raise InvalidInputError("q holds a NUL character", field="q")
    return Wanted(
        actor_id=actor,
        actions=tuple(AuditAction(one) for one in action or ()),
        subject_id=subject,
        since=moment("from", since),
        until=moment("to", until),
        text=q,
    )


NARROWED = {"wanted": Provide(wanted_of_query, sync_to_thread=False)}
"""Dependencies of a route that reads the audit: its parameter ``wanted``."""


@get("/audit", opt=needs(Right.AUDIT_LOGS_READ), dependencies=NARROWED)
async def index(
    request: ApiRequest,
    wanted: NamedDependency[Wanted],
    limit: paging.Limit = 50,
    cursor: paging.Cursor = None,
) -> AuditEntryList:
    """What was done in the organization, newest first."""
    before = paging.begin(request, _PLACE, cursor)
    async with tenant(request.services.database, request.principal.tenant) as session:
        found = await newest(session, wanted, before=before, limit=limit + 1)
        page = found[:limit]
        items = await entries(session, request.principal, page)
    behind = position(page[-1]) if len(found) > limit else None
    return AuditEntryList(
        items=items,
        next_cursor=paging.following(request, _PLACE, behind),
        can_export=permission(lacks(request.principal, Right.AUDIT_LOGS_EXPORT)),
    )


@get("/audit/acts", opt=needs(Right.AUDIT_LOGS_READ))
async def acts() -> AuditActList:
    """All kinds of acts by which the audit can be narrowed."""
    return AuditActList(items=[AuditAct(name=act, title=title(act)) for act in AuditAction])


def position(told: Told) -> tuple[datetime, UUID]:
    """Where the next page goes on."""
    return told.event.at, told.event.id


async def entries(
    session: AsyncSession, principal: Principal, page: Sequence[Told]
) -> list[AuditEntry]:
    """Events as they are shown; of proposals and runs they say what the reader may read of them anyway."""
    ids = {told.event.subject_id for told in page}
    about = await names_of(session, ids)
    if proposals := reach_of(principal, Right.PROPOSALS_READ):
        about |= await sentences(session, proposals, ids)
    if runs := reach_of(principal, Right.RUNS_READ):
        about |= await playbooks_of(session, runs, ids)
    return [_entry(told, about.get(told.event.subject_id)) for told in page]


def _entry(told: Told, about: str | None) -> AuditEntry:
    event = told.event
    by = None
    if event.actor_id is not None:
        by = person(event.actor_id, told.actor_name or _NOBODY)
    return AuditEntry(
        id=str(event.id),
        at=event.at,
        actor=by,
        channel=event.channel,
        action=event.action,
        title=title(event.action),
        subject_id=str(event.subject_id),
        about=about,
        details=event.details,
        request_id=event.request_id,
        seq=told.seq,
    )
