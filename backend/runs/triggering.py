"""Requests runs when a trigger fires: once per firing, in the name of who switched it on, while they may."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import now
from backend.core.errors import PermissionDeniedError
from backend.core.ids import PlaybookId, RecordId, RunId, UserId
from backend.playbooks.candidates import SOURCES
from backend.playbooks.service import Playbook
from backend.playbooks.switching import listening_to, lock_switch, switch_off
from backend.playbooks.triggers import TriggerKind
from backend.runs.models import RunRow
from backend.runs.service import FINAL, RunInputs, request_run, team_of_runs
from backend.runs.trigger_models import FiringRow
from tenancy.context import Channel, Principal
from tenancy.permissions import Right, authorize
from tenancy.principals import NotAMemberError, load_principal
from tenancy.session import context_of


async def fire_schedule(session: AsyncSession, playbook_id: PlaybookId, key: str) -> RunId | None:
    """It is time. No run while the one before is still at work, and none when the switch is off.

    ``key`` names the firing: told again, it gives the run of the first time.
    """
    kind = TriggerKind.SCHEDULE
    principal = await _requester(session, playbook_id, kind)
    if principal is None:
        return None
    known = await _fired(session, playbook_id, key)
    if known is not None:
        return _run_of(known)
    run_id = None
    whole = RunRow.inputs["record_id"].is_(None)
    if not await _is_open(session, playbook_id, RunRow.parent_run_id.is_(None) & whole):
        run_id = (await request_run(session, principal, playbook_id, RunInputs(), trigger=kind)).id
    _keep(session, playbook_id, key, run_id)
    return run_id


async def fire_changes(
    session: AsyncSession, event: str, records: Mapping[str, RecordId], key: str
) -> list[RunId]:
    """Records (by kind) have changed by an event: a run about just the record for every playbook that listens.

    Where one about the record is open, or the record is none that the playbook looks at, there is no other.
    """
    started = []
    for listening in await listening_to(session, event):
        record_id = records.get(listening.change.record)
        if record_id is not None:
            started.append(await _fire_change(session, listening.playbook, record_id, key))
    return [run_id for run_id in started if run_id is not None]


async def _fire_change(
    session: AsyncSession, playbook: Playbook, record_id: RecordId, key: str
) -> RunId | None:
    kind = TriggerKind.RECORD_CHANGED
    principal = await _requester(session, playbook.id, kind)
    if principal is None or await _fired(session, playbook.id, key) is not None:
        return None
    about = or_(
        RunRow.subject_id == record_id,
        RunRow.target_id == record_id,
        RunRow.inputs["record_id"].astext == str(record_id),
    )
    source = SOURCES[playbook.definition.candidates]
    if await _is_open(session, playbook.id, about):
        return None
    if not await source.find(session, source.takes, record_id):
        return None
    inputs = RunInputs(record_id=record_id)
    run_id = (await request_run(session, principal, playbook.id, inputs, trigger=kind)).id
    _keep(session, playbook.id, key, run_id)
    return run_id


async def _requester(
    session: AsyncSession, playbook_id: PlaybookId, kind: TriggerKind
) -> Principal | None:
    """Who switched it on, with their rights of today; where these do not suffice, it is switched off."""
    row = await lock_switch(session, playbook_id, kind)
    if row is None or not row.enabled:
        return None
    try:
        principal = await load_principal(session, UserId(row.enabled_by), Channel.SYSTEM)
        authorize(principal, Right.PLAYBOOKS_UPDATE)
        await team_of_runs(session, principal)
    except NotAMemberError:
        switch_off(session, row, "Who switched it on does not belong to the organization any more")
    except PermissionDeniedError as error:
        lacking = error.extra["permission"]
        switch_off(session, row, f"Who switched it on lacks the permission {lacking} now")
    else:
        return principal
    return None


async def _is_open(
    session: AsyncSession, playbook_id: PlaybookId, condition: ColumnElement[bool]
) -> bool:
    query = select(RunRow.id).where(
        RunRow.playbook_id == playbook_id, RunRow.state.not_in(FINAL), condition
    )
    return await session.scalar(query.limit(1)) is not None


async def _fired(session: AsyncSession, playbook_id: PlaybookId, key: str) -> FiringRow | None:
    return await session.scalar(
        select(FiringRow).where(FiringRow.playbook_id == playbook_id, FiringRow.key == key)
    )


def _run_of(firing: FiringRow) -> RunId | None:
    return RunId(firing.run_id) if firing.run_id else None


def _keep(session: AsyncSession, playbook_id: PlaybookId, key: str, run_id: UUID | None) -> None:
    org_id = context_of(session).org_id
    session.add(FiringRow(org_id=org_id, playbook_id=playbook_id, key=key, run_id=run_id, at=now()))
