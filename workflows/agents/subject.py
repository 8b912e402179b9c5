"""What a run is about: its subject and the record that it would change, as the last sync saw them."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors import repository as records
from backend.connectors.models import Connection
from backend.connectors.repository import KeptRecord
from backend.core.ids import RunId
from backend.proposals.matter import target_of
from backend.runs.service import Run, load_run


@dataclass(frozen=True, slots=True)
class Subject:
    """A run with the record that it looks at, and the one that it would change, mostly the same."""

    run: Run
    kept: KeptRecord
    target: KeptRecord
    connection: Connection


async def subject_of(session: AsyncSession, run_id: RunId) -> Subject:
    """What the run is about."""
    run = await load_run(session, run_id)
    target = await target_of(session, run)
    kept = target
    if run.subject_id is not None and run.subject_id != target.id:
        kept = await records.record(session, run.subject_kind, run.subject_id)
    return Subject(run, kept, target, await records.connection(session, target.connection_id))
