"""Brings an installation under the master key in use: its secrets, and what the workflow engine's schedules hold.

May be killed and begun again at any time; an organization is done when its audit says so.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from backend.core.crypto import Keys
from backend.core.db import Database
from backend.core.ids import OrgId
from backend.core.masters import Master
from backend.core.sealed import SealedColumn
from backend.playbooks.switching import scheduled_playbooks
from tenancy.audit import AuditAction
from tenancy.changes import Change, WakeKind, Wakeup, record
from tenancy.context import Channel, TenantContext
from tenancy.models.change import AuditEvent
from tenancy.models.organization import Organization
from tenancy.rewrapping import hanging, organizations, rewrap
from tenancy.session import tenant

_PASSES, _PAUSE = 10, 1.0


@dataclass(frozen=True, slots=True)
class Finished:
    """How many secrets took the key in use, and in how many organizations that was noted.

    None of the keys opens those of ``unreadable``; ``held`` were all the time in the hands of somebody else.
    """

    wrapped: int
    noted: int
    unreadable: Sequence[str]
    held: int


@dataclass(frozen=True, slots=True)
class Rotation:
    """An installation, its keys and all columns of secrets."""

    database: Database
    keys: Keys
    columns: Sequence[SealedColumn]

    async def finish(self) -> Finished:
        """Put under the key in use all that is not; passes over what others hold, and comes back for it."""
        wrapped, noted = 0, 0
        for _ in range(_PASSES):
            unreadable: list[str] = []
            for org_id in (*await organizations(self.database), None):
                done = await rewrap(self.database, self.keys, self.columns, org_id)
                wrapped += done.by_table.total()
                unreadable += done.unreadable
                if org_id is not None:
                    noted += await self._note(org_id, self.keys.current, done.by_table)
            held = max(0, await self.left() - len(unreadable))
            if not held:
                break
            await asyncio.sleep(_PAUSE)
        return Finished(wrapped, noted, unreadable, held)

    async def left(self) -> int:
        """How many secrets are not under the key in use."""
        counted = await self.secrets()
        return counted.total() - counted[self.keys.key_id]

    async def secrets(self) -> Counter[str]:
        """How many secrets of the installation hang on each key."""
        counted: Counter[str] = Counter()
        for org_id in (*await organizations(self.database), None):
            counted += await hanging(self.database, self.columns, org_id)
        return counted

    async def _note(self, org_id: OrgId, current: Master, wrapped: Counter[str]) -> bool:
        """Audit what was done for an organization, and have the engine keep its schedules under the new key."""
        context = TenantContext(org_id, channel=Channel.CLI)
        async with tenant(self.database, context) as session:
            noted = select(AuditEvent.id).where(
                AuditEvent.action == AuditAction.MASTER_KEY_ROTATED,
                AuditEvent.details["to"].astext == current.key_id,
            )
            own = await session.get_one(Organization, org_id)
            is_older = current.since is not None and own.created_at < current.since
            if not wrapped.total() and (not is_older or await session.scalar(noted.limit(1))):
                return False
            details = {"to": current.key_id, "secrets": {k: n for k, n in wrapped.items() if n}}
            record(session, Change(org_id, audit=AuditAction.MASTER_KEY_ROTATED, details=details))
            for playbook_id in await scheduled_playbooks(session):
                wake = Wakeup(WakeKind.APPLY_SCHEDULE, playbook_id)
                record(session, Change(playbook_id, wake=wake))
        return True
