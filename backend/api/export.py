"""The filtered list as a CSV file, written as it is read.

Each batch is a transaction of its own, continued by keyset: a reader on a slow line would otherwise hold a snapshot
(which keeps vacuum from its work) and a connection for as long as it likes. A row that changes its place meanwhile may
so be missed or come twice where the order is by what changes; by ``createdAt`` it cannot. The file begins with a byte
order mark, without which spreadsheets read UTF-8 as something else.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from litestar.response import Stream
from sqlalchemy import ColumnElement

from backend.api import csv_rows, matrix
from backend.api.deps import ApiRequest
from backend.api.filtering import FILTERED, domain
from backend.api.guards import needs
from backend.api.presenting.columns import TITLES
from backend.core.clock import now
from backend.core.errors import InvalidInputError
from backend.proposals import listing
from backend.proposals.listing import Query
from backend.proposals.sorting import SORTS, order_of
from backend.schemas.matrix import ProposalFilter
from tenancy.audit import AuditAction
from tenancy.changes import Change, record
from tenancy.permissions import Right
from tenancy.ratelimit import RateClass
from tenancy.session import tenant

_BATCH = 500
_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
_Sort = Annotated[str | None, QueryParameter(name="sort", description=", ".join(SORTS))]
_Columns = Annotated[list[str] | None, QueryParameter(name="columns")]


@get(
    "/proposals/export",
    opt=needs(Right.PROPOSALS_READ, RateClass.EXPORT),
    dependencies=FILTERED,
    media_type="text/csv",
)
async def export(
    request: ApiRequest,
    wanted: NamedDependency[ProposalFilter],
    sort: _Sort = None,
    columns: _Columns = None,
) -> Stream:
    """All rows of the filtered list. What was asked for, and how many rows it had then, is kept in the audit."""
    services, principal = request.services, request.principal
    narrowed, order = (
        domain(wanted, services.connectors.actions),
        sort or matrix.usual_order(wanted),
    )
    order_of(order)
    shown = _checked(columns)
    async with tenant(services.database, principal.tenant) as session:
        where = await listing.matching(session, principal, narrowed)
        count = await listing.count(session, where)
        asked = {"query": request.scope["query_string"].decode("latin-1")[:2_000], "rows": count}
        record(
            session,
            Change(principal.org_id, audit=AuditAction.PROPOSALS_EXPORTED, details=asked),
        )
    return Stream(
        _written(request, where, order, shown),
        media_type="text/csv",
        headers={
            "Content-Disposition": f'attachment; filename="{_name(now())}"',
            "Cache-Control": "no-store",
        },
    )


async def _written(
    request: ApiRequest, where: ColumnElement[bool], order: str, columns: list[str]
) -> AsyncIterator[bytes]:
    services, principal = request.services, request.principal
    labels = {name: action.label for name, action in services.connectors.actions.items()}
    yield (_MARK + csv_rows.header(columns)).encode()
    query: Query | None = Query(sort=order, limit=_BATCH)
    while query is not None:
        async with tenant(services.database, principal.tenant) as session:
            views, more = await listing.batch(session, where, query)
        if views:
            yield csv_rows.lines(views, columns, labels).encode()
        query = Query(sort=order, limit=_BATCH, after=more) if more else None


def _checked(columns: list[str] | None) -> list[str]:
    unknown = sorted(set(columns or ()) - TITLES.keys())
    if unknown:
        raise InvalidInputError(f"there is no column {unknown[0]!r}", field="columns")
    return list(dict.fromkeys(columns or TITLES))


def _name(at: datetime) -> str:
    return f"proposals-{at:%Y-%m-%d}.csv"
