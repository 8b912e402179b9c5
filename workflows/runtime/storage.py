"""Payloads above 64 KiB lie in the database, encrypted; the history holds their ids alone.

What a model says at length is sent again with every further call: it would fill a history within a few turns.
"""

from collections.abc import Sequence
from uuid import UUID

from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    ExternalStorage,
    StorageDriver,
    StorageDriverClaim,
    StorageDriverRetrieveContext,
    StorageDriverStoreContext,
    StorageDriverWorkflowInfo,
)

from backend.core.db import Database
from backend.core.ids import OrgId
from backend.runs import payloads as store
from tenancy.context import TenantContext
from tenancy.session import tenant
from workflows.contracts import organization_of

_LARGE = 64 * 1024


def large_payloads(database: Database) -> ExternalStorage:
    """For the worker's client. Programs without it cannot read what lies in the database."""
    return ExternalStorage(drivers=[_InDatabase(database)], payload_size_threshold=_LARGE)


class _InDatabase(StorageDriver):
    """Its name and the names in its claims lie in histories and never change."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def name(self) -> str:
        return "database"

    async def store(
        self, context: StorageDriverStoreContext, payloads: Sequence[Payload]
    ) -> list[StorageDriverClaim]:
        of = context.target
        if not isinstance(of, StorageDriverWorkflowInfo) or of.id is None:
            raise LookupError("a payload of no workflow has no organization")
        org_id = organization_of(of.id)
        async with tenant(self._database, TenantContext(org_id)) as session:
            ids = await store.keep(session, [one.SerializeToString() for one in payloads])
        return [StorageDriverClaim({"org_id": str(org_id), "id": str(one)}) for one in ids]

    async def retrieve(
        self, context: StorageDriverRetrieveContext, claims: Sequence[StorageDriverClaim]
    ) -> list[Payload]:
        del context
        return [await self._read(one.claim_data["org_id"], one.claim_data["id"]) for one in claims]

    async def _read(self, org_id: str, payload_id: str) -> Payload:
        context = TenantContext(OrgId(UUID(org_id)))
        async with tenant(self._database, context) as session:
            return Payload.FromString(await store.kept(session, UUID(payload_id)))
