"""Reads playbooks and installs those that we ship. A version never changes; runs are pinned to theirs."""

from dataclasses import dataclass, field, replace
from typing import cast

import msgspec
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors.actions import Limits
from backend.core.errors import NotFoundError
from backend.core.ids import PlaybookId, new_uuid
from backend.playbooks.budget import Budget
from backend.playbooks.models import PlaybookRow, PlaybookVersion
from backend.playbooks.policy import Policy
from backend.playbooks.triggers import Trigger
from tenancy.audit import AuditAction
from tenancy.changes import Change, WakeKind, Wakeup, record
from tenancy.session import context_of


@dataclass(frozen=True, slots=True)
class Definition:
    """What a version says: the goal, the actions it may propose and within which limits.

    ``candidates`` names how a run finds what to look at, ``agent`` who looks at it.
    ``fallbacks`` are asked in their order when the provider of ``model`` does not answer.
    ``triggers`` are what it may be started by beside a person; an organization switches them on.
    """

    goal: str
    instructions: str
    model: str
    actions: tuple[str, ...]
    limits: Limits
    policy: Policy
    max_in_flight: int = 12
    max_corrections: int = 3
    agent: str = "receivables"
    candidates: str = "overdue_invoices"
    budget: Budget = field(default_factory=Budget)
    fallbacks: tuple[str, ...] = ()
    triggers: tuple[Trigger, ...] = ()


@dataclass(frozen=True, slots=True)
class Playbook:
    """A playbook in one version."""

    id: PlaybookId
    slug: str
    name: str
    version: int
    definition: Definition


class PlaybookNotFoundError(NotFoundError):
    """The organization has no such playbook or version."""

    code = "playbook_not_found"


async def list_playbooks(session: AsyncSession) -> list[Playbook]:
    """All playbooks in their current version, by name."""
    rows = await session.execute(
        _joined(PlaybookRow.current_version == PlaybookVersion.version).order_by(PlaybookRow.name)
    )
    return [_playbook(row, version) for row, version in rows]


async def get_playbook(
    session: AsyncSession, playbook_id: PlaybookId, version: int | None = None
) -> Playbook:
    """One playbook, in its current version unless another is named."""
    wanted = PlaybookRow.current_version if version is None else version
    query = _joined(PlaybookVersion.version == wanted).where(PlaybookRow.id == playbook_id)
    found = (await session.execute(query)).one_or_none()
    if found is None:
        raise PlaybookNotFoundError("there is no such playbook in this organization")
    return _playbook(*found)


async def install(
    session: AsyncSession, *, slug: str, name: str, definition: Definition
) -> Playbook:
    """Add a playbook with version 1; one with this slug is returned as it is."""
    known = await session.scalar(select(PlaybookRow.id).where(PlaybookRow.slug == slug))
    if known is not None:
        return await get_playbook(session, PlaybookId(known))
    org_id, playbook_id = context_of(session).org_id, PlaybookId(new_uuid())
    row = PlaybookRow(org_id=org_id, id=playbook_id, slug=slug, name=name, current_version=1)
    session.add(row)
    await session.flush()
    session.add(_version(row, 1, definition))
    record(session, Change(playbook_id, audit=AuditAction.PLAYBOOK_CREATED, details={"slug": slug}))
    return Playbook(playbook_id, slug, name, 1, definition)


async def publish(session: AsyncSession, playbook: Playbook, definition: Definition) -> Playbook:
    """Make ``definition`` the playbook's next version; runs that are under way keep theirs."""
    row = await session.scalar(
        select(PlaybookRow).where(PlaybookRow.id == playbook.id).with_for_update()
    )
    if row is None:
        raise PlaybookNotFoundError("there is no such playbook in this organization")
    row.current_version += 1
    session.add(_version(row, row.current_version, definition))
    details = {"slug": row.slug, "version": row.current_version}
    wake = Wakeup(WakeKind.APPLY_SCHEDULE, playbook.id)  # the version may be due at other times
    published = AuditAction.PLAYBOOK_PUBLISHED
    record(session, Change(playbook.id, audit=published, details=details, wake=wake))
    return replace(playbook, version=row.current_version, definition=definition)


def _version(row: PlaybookRow, number: int, definition: Definition) -> PlaybookVersion:
    return PlaybookVersion(
        org_id=row.org_id,
        playbook_id=row.id,
        version=number,
        definition=cast("dict[str, object]", msgspec.to_builtins(definition)),
    )


def _joined(version: ColumnElement[bool]) -> Select[PlaybookRow, PlaybookVersion]:
    return select(PlaybookRow, PlaybookVersion).join(
        PlaybookVersion,
        (PlaybookVersion.org_id == PlaybookRow.org_id)
        & (PlaybookVersion.playbook_id == PlaybookRow.id)
        & version,
    )


def _playbook(row: PlaybookRow, version: PlaybookVersion) -> Playbook:
    definition = msgspec.convert(version.definition, Definition)
    return Playbook(PlaybookId(row.id), row.slug, row.name, version.version, definition)
