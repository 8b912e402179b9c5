"""Checkpoints of the audit and proofs about them, for those who keep them elsewhere."""

from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.params import FromPath, QueryParameter

from backend.api import paging
from backend.api.deps import ApiRequest
from backend.api.guards import needs, refuses
from backend.core.crypto import AuditKeys
from backend.schemas.audit import (
    AuditCheckpoint,
    AuditCheckpointList,
    ConsistencyProof,
    InclusionProof,
)
from tenancy.auditing import chain, proving
from tenancy.models.audit import AuditCheckpoint as CheckpointRow
from tenancy.permissions import Right
from tenancy.ratelimit import RateClass
from tenancy.session import tenant

_PLACE = "audit_checkpoints"
_MOST = 2**62
_First = Annotated[int, QueryParameter(name="first", ge=1, le=_MOST)]
_Second = Annotated[int, QueryParameter(name="second", ge=1, le=_MOST)]


@get("/audit/checkpoints", opt=needs(Right.AUDIT_LOGS_READ))
async def checkpoints(
    request: ApiRequest, limit: paging.Limit = 50, cursor: paging.Cursor = None
) -> AuditCheckpointList:
    """The signed roots, newest first. Keep some elsewhere: they prove the log whatever becomes of the database."""
    principal, database = request.principal, request.services.database
    after = paging.begin(request, _PLACE, cursor)
    async with tenant(database, principal.tenant) as session:
        found = await proving.newest(session, below=after and after[0], limit=limit + 1)
    page = found[:limit]
    behind = (page[-1].size, principal.org_id) if len(found) > limit else None
    return AuditCheckpointList(
        items=[_wire(database.audit, row) for row in page],
        next_cursor=paging.following(request, _PLACE, behind),
    )


@get("/audit/consistency", opt={**needs(Right.AUDIT_LOGS_READ, RateClass.EXPORT), **refuses(404)})
async def consistency(request: ApiRequest, first: _First, second: _Second) -> ConsistencyProof:
    """That nothing of the smaller checkpoint was changed on the way to the larger one."""
    database = request.services.database
    async with tenant(database, request.principal.tenant) as session:
        proof = await proving.prove_consistency(session, first, second)
    return ConsistencyProof(
        first=_wire(database.audit, proof.first),
        second=_wire(database.audit, proof.second),
        path=[node.hex() for node in proof.path],
    )


@get(
    "/audit/{entry_id:uuid}/inclusion",
    opt={**needs(Right.AUDIT_LOGS_READ, RateClass.EXPORT), **refuses(409)},
)
async def inclusion(request: ApiRequest, entry_id: FromPath[UUID]) -> InclusionProof:
    """That an entry is in the first checkpoint made after it."""
    database = request.services.database
    async with tenant(database, request.principal.tenant) as session:
        proof = await proving.prove_inclusion(session, entry_id)
    return InclusionProof(
        entry_id=str(entry_id),
        seq=proof.link.seq,
        leaf=proof.link.mac.hex(),
        checkpoint=_wire(database.audit, proof.checkpoint),
        path=[node.hex() for node in proof.path],
    )


def _wire(keys: AuditKeys, row: CheckpointRow) -> AuditCheckpoint:
    return AuditCheckpoint(
        size=row.size,
        root=row.root.hex(),
        at=chain.moment(row.at),
        key_id=row.key_id,
        signature=row.signature.hex(),
        public_key=chain.public_key(keys, str(row.org_id), row.key_id),
    )
