"""Runs as they are read: their columns, without what makes a row one that can be written."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import InstrumentedAttribute

from backend.runs.models import RunRow


class RunFacts(NamedTuple):
    """One run."""

    org_id: UUID
    id: UUID
    playbook_id: UUID
    playbook_version: int
    parent_run_id: UUID | None
    team_id: UUID | None
    requested_by: UUID
    subject_kind: str
    subject_id: UUID | None
    target_id: UUID | None
    state: str
    proposed: bool
    outcome: str | None
    error: str | None
    inputs: dict[str, Any]
    model: str
    input_tokens: int
    output_tokens: int
    model_calls: int
    created_at: datetime
    finished_at: datetime | None


FACTS: tuple[InstrumentedAttribute[Any], ...] = tuple(
    getattr(RunRow, name) for name in RunFacts._fields
)
"""The columns of :class:`RunFacts` in their order."""
