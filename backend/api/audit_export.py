"""The audit as a file of any length, written as it is read: narrowed for people, or whole for the verifier."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from enum import StrEnum
from typing import Annotated

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from litestar.response import Stream

from backend.api import csv_rows
from backend.api.audit import NARROWED, entries, position
from backend.api.deps import ApiRequest
from backend.api.guards import answers, needs
from backend.core.clock import now
from backend.core.errors import InvalidInputError
from backend.core.keyset import Position
from backend.schemas.audit import AuditEntry
from tenancy.audit import AuditAction
from tenancy.auditing import exporting
from tenancy.auditing.reading import Wanted, newest
from tenancy.changes import Change, record
from tenancy.permissions import Right
from tenancy.ratelimit import RateClass
from tenancy.session import tenant

_BATCH = 500
_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"  # without it, spreadsheets read UTF-8 as something else
_TITLES = (
    "Number",
    "At",
    "Actor",
    "Actor id",
    "Channel",
    "Action",
    "Subject id",
    "About",
    "Details",
    "Request id",
    "Id",
)


class Format(StrEnum):
    """What an export is written as."""

    JSON = "json"
    CSV = "csv"
    NDJSON = "ndjson"


_MEDIA_TYPES = {
    Format.JSON: "application/json",
    Format.CSV: "text/csv",
    Format.NDJSON: "application/x-ndjson",
}
_Format = Annotated[Format, QueryParameter(name="format")]


@get(
    "/audit/export",
    opt={**needs(Right.AUDIT_LOGS_EXPORT, RateClass.EXPORT), **answers(*_MEDIA_TYPES.values())},
    dependencies=NARROWED,
)
async def export(
    request: ApiRequest, wanted: NamedDependency[Wanted], written_as: _Format
) -> Stream:
    """All of the audit, newest first; NDJSON is the whole chain, oldest first, for `countersign audit verify`."""
    services, principal = request.services, request.principal
    if written_as is Format.NDJSON and wanted != Wanted():
        raise InvalidInputError(
            "ndjson is the whole chain, which proves nothing with parts left out; "
            "leave the filters away, or ask for json or csv",
            field="format",
        )
    asked = {"format": written_as, "query": request.scope["query_string"].decode("latin-1")[:2_000]}
    async with tenant(services.database, principal.tenant) as session:
        record(session, Change(principal.org_id, audit=AuditAction.AUDIT_EXPORTED, details=asked))
    return Stream(
        _WRITERS[written_as](request, wanted),
        media_type=_MEDIA_TYPES[written_as],
        headers={
            "Content-Disposition": f'attachment; filename="audit-{now():%Y-%m-%d}.{written_as}"',
            "Cache-Control": "no-store",
        },
    )


async def _json(request: ApiRequest, wanted: Wanted) -> AsyncIterator[bytes]:
    before = b"["
    async for page in _pages(request, wanted):
        yield before + b",\n".join(msgspec.json.encode(one) for one in page)
        before = b",\n"
    yield b"]\n" if before == b",\n" else b"[]\n"


async def _csv(request: ApiRequest, wanted: Wanted) -> AsyncIterator[bytes]:
    yield (_MARK + csv_rows.line(_TITLES)).encode()
    async for page in _pages(request, wanted):
        yield "".join(csv_rows.line(_cells(one)) for one in page).encode()


def _ndjson(request: ApiRequest, _wanted: Wanted) -> AsyncIterator[bytes]:
    return exporting.ndjson(request.services.database, request.principal.tenant)


async def _pages(request: ApiRequest, wanted: Wanted) -> AsyncIterator[list[AuditEntry]]:
    """Each page is a transaction of its own, continued by keyset."""
    before: Position | None = None
    while True:
        async with tenant(request.services.database, request.principal.tenant) as session:
            found = await newest(session, wanted, before=before, limit=_BATCH)
            page = await entries(session, request.principal, found)
        if page:
            yield page
        if len(found) < _BATCH:
            return
        before = position(found[-1])


def _cells(one: AuditEntry) -> list[csv_rows.Cell]:
    return [
        one.seq or "",
        one.at.isoformat(),
        one.actor.name if one.actor else "",
        one.actor.id if one.actor else "",
        one.channel,
        one.action,
        one.subject_id,
        one.about or "",
        json.dumps(one.details, ensure_ascii=False, sort_keys=True),
        one.request_id or "",
        one.id,
    ]


_WRITERS: Mapping[Format, Callable[[ApiRequest, Wanted], AsyncIterator[bytes]]] = {
    Format.JSON: _json,
    Format.CSV: _csv,
    Format.NDJSON: _ndjson,
}
