"""Switches triggers on and off for an organization, and says which are on. Starts no runs."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import now
from backend.core.errors import InvalidInputError, NotFoundError
from backend.core.ids import PlaybookId, UserId
from backend.playbooks.service import Playbook, get_playbook
from backend.playbooks.trigger_models import TriggerRow
from backend.playbooks.triggers import RecordChange, Schedule, Trigger, TriggerKind
from tenancy.audit import AuditAction
from tenancy.changes import Change, WakeKind, Wakeup, record
from tenancy.context import Principal
from tenancy.models.organization import UserAccount
from tenancy.permissions import Right, authorize
from tenancy.session import context_of


class TriggerNotFoundError(NotFoundError):
    """The playbook's version has no such trigger."""

    code = "trigger_not_found"


@dataclass(frozen=True, slots=True)
class Switch:
    """A trigger and whether it is on. ``enabled_by_name`` is absent for a person who has left."""

    trigger: Trigger
    enabled: bool = False
    enabled_by: UserId | None = None
    enabled_by_name: str | None = None
    enabled_at: datetime | None = None
    off_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Listening:
    """A playbook that wants to hear of a change."""

    playbook: Playbook
    change: RecordChange


async def switches_of(session: AsyncSession, playbook_id: PlaybookId) -> list[Switch]:
    """What the playbook's current version may be started by, first by a person, and what of it is on."""
    playbook = await get_playbook(session, playbook_id)
    rows = await session.execute(
        select(TriggerRow, UserAccount.name)
        .outerjoin(UserAccount, UserAccount.id == TriggerRow.enabled_by)
        .where(TriggerRow.playbook_id == playbook_id)
    )
    known = {row.kind: (row, name) for row, name in rows}
    manual = Switch(Trigger(kind=TriggerKind.MANUAL), enabled=True)
    return [manual, *(_switch(one, *known.get(one.kind, (None, None))) for one in _own(playbook))]


async def switch(
    session: AsyncSession,
    principal: Principal,
    playbook_id: PlaybookId,
    kind: TriggerKind,
    *,
    enabled: bool,
) -> Switch:
    """Turn a trigger on or off. Its runs will be requested by who turned it on, who must be allowed to.

    Needs ``playbooks:update``, and ``runs:create`` to turn it on. What is so already stays as it is.
    """
    authorize(principal, Right.PLAYBOOKS_UPDATE)
    if enabled:
        authorize(principal, Right.RUNS_CREATE)
    if kind is TriggerKind.MANUAL:
        raise InvalidInputError("a person may always start a playbook", field="kind")
    trigger = trigger_of(await get_playbook(session, playbook_id), kind)
    row = await lock_switch(session, playbook_id, kind)
    if (row is not None and row.enabled) is not enabled:
        row = await _turn(session, principal, row, (playbook_id, kind), enabled=enabled)
    names = await session.execute(
        select(UserAccount.name).where(UserAccount.id == (row.enabled_by if row else None))
    )
    return _switch(trigger, row, names.scalar())


def trigger_of(playbook: Playbook, kind: TriggerKind) -> Trigger:
    """The version's trigger of this kind. Raises :class:`TriggerNotFoundError`."""
    for one in _own(playbook):
        if one.kind is kind:
            return one
    raise TriggerNotFoundError(
        f"version {playbook.version} of {playbook.name} has no trigger {kind}"
    )


async def lock_switch(
    session: AsyncSession, playbook_id: PlaybookId, kind: TriggerKind
) -> TriggerRow | None:
    """The switch's row, locked: its firings and turnings come one after the other."""
    return await session.scalar(
        select(TriggerRow)
        .where(TriggerRow.playbook_id == playbook_id, TriggerRow.kind == kind)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


def switch_off(session: AsyncSession, row: TriggerRow, why: str) -> None:
    """Turn a locked switch off by itself; ``why`` is shown to people and audited."""
    row.enabled, row.off_reason = False, why
    _announce(session, row, AuditAction.TRIGGER_DISABLED, {"kind": row.kind, "why": why})


async def schedule_of(session: AsyncSession, playbook_id: PlaybookId) -> Schedule | None:
    """By which schedule the playbook is to be started now, if any. The switch stays locked meanwhile."""
    row = await lock_switch(session, playbook_id, TriggerKind.SCHEDULE)
    if row is None or not row.enabled:
        return None
    playbook = await get_playbook(session, playbook_id)
    return next((one.schedule for one in _own(playbook) if one.schedule), None)


async def scheduled_playbooks(session: AsyncSession) -> list[PlaybookId]:
    """The organization's playbooks whose schedule is on."""
    rows = await session.scalars(
        select(TriggerRow.playbook_id).where(
            TriggerRow.kind == TriggerKind.SCHEDULE, TriggerRow.enabled
        )
    )
    return [PlaybookId(one) for one in rows]


async def listening_to(session: AsyncSession, event: str) -> list[Listening]:
    """The playbooks whose trigger is on and whose current version names this kind of event."""
    ids = await session.scalars(
        select(TriggerRow.playbook_id)
        .where(TriggerRow.kind == TriggerKind.RECORD_CHANGED, TriggerRow.enabled)
        .order_by(TriggerRow.playbook_id)
    )
    playbooks = [await get_playbook(session, PlaybookId(one)) for one in ids]
    return [
        Listening(playbook, trigger.change)
        for playbook in playbooks
        for trigger in _own(playbook)
        if trigger.change and event in trigger.change.events
    ]


async def _turn(
    session: AsyncSession,
    principal: Principal,
    row: TriggerRow | None,
    key: tuple[PlaybookId, TriggerKind],
    *,
    enabled: bool,
) -> TriggerRow:
    if row is None:
        playbook_id, kind = key
        row = TriggerRow(org_id=context_of(session).org_id, playbook_id=playbook_id, kind=kind)
        session.add(row)
    row.enabled, row.off_reason = enabled, None
    if enabled:
        row.enabled_by, row.enabled_at = principal.user_id, now()
    await session.flush()
    action = AuditAction.TRIGGER_ENABLED if enabled else AuditAction.TRIGGER_DISABLED
    _announce(session, row, action, {"kind": row.kind})
    return row


def _announce(
    session: AsyncSession, row: TriggerRow, action: AuditAction, details: dict[str, str]
) -> None:
    wake = None
    if row.kind == TriggerKind.SCHEDULE:
        wake = Wakeup(WakeKind.APPLY_SCHEDULE, row.playbook_id)
    record(session, Change(row.playbook_id, audit=action, details=details, wake=wake))


def _own(playbook: Playbook) -> tuple[Trigger, ...]:
    triggers = playbook.definition.triggers
    return tuple(one for one in triggers if one.kind is not TriggerKind.MANUAL)


def _switch(trigger: Trigger, row: TriggerRow | None, name: str | None) -> Switch:
    if row is None:
        return Switch(trigger)
    return Switch(
        trigger, row.enabled, UserId(row.enabled_by), name, row.enabled_at, row.off_reason
    )
