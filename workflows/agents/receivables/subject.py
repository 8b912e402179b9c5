"""The invoice that a run is about, as the last sync saw it."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors import repository as records
from backend.connectors.models import Connection
from backend.connectors.repository import KeptInvoice
from backend.core.ids import RunId
from backend.runs.service import Run, load_run


@dataclass(frozen=True, slots=True)
class Subject:
    """A run with the record that it is about, as the last sync saw it."""

    run: Run
    kept: KeptInvoice
    connection: Connection


async def subject_of(session: AsyncSession, run_id: RunId) -> Subject:
    """What the run is about."""
    run = await load_run(session, run_id)
    if run.subject_id is None:
        raise LookupError(f"run {run_id} is about no record")
    kept = await records.invoice(session, run.subject_id)
    return Subject(run, kept, await records.connection(session, kept.connection_id))
