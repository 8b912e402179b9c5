"""Runs on the wire."""

from collections.abc import Iterable

from backend.api.presenting.common import person
from backend.core.ids import OrgId, RunId
from backend.runs.repository import RunView, StepView
from backend.schemas import runs as wire
from backend.schemas.proposals import ProposalRow
from workflows.contracts import Process, workflow_id


def run_row(view: RunView) -> wire.RunRow:
    """A run in a list."""
    row, counts = view.row, view.counts
    return wire.RunRow(
        id=str(row.id),
        playbook_id=str(row.playbook_id),
        playbook=view.playbook,
        playbook_version=row.playbook_version,
        state=row.state,
        outcome=row.outcome,
        requested_by=person(row.requested_by, view.requested_by),
        parent_run_id=str(row.parent_run_id) if row.parent_run_id else None,
        counts=wire.RunCounts(
            candidates=counts.candidates,
            working=counts.working,
            proposed=counts.proposed,
            nothing_to_do=counts.nothing_to_do,
            failed=counts.failed,
        ),
        cost=wire.Cost(
            input_tokens=row.input_tokens,
            output_tokens=row.output_tokens,
            model_calls=row.model_calls,
        ),
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


def run_detail(
    view: RunView,
    *,
    steps: Iterable[StepView],
    proposals: list[ProposalRow],
    children: Iterable[RunView],
) -> wire.RunDetail:
    """A run with its trace, its proposals and its children."""
    row, shown = view.row, run_row(view)
    process = Process.AGENT_RUN if row.parent_run_id else Process.PLAYBOOK_RUN
    return wire.RunDetail(
        **{name: getattr(shown, name) for name in shown.__struct_fields__},
        workflow_id=workflow_id(process, OrgId(row.org_id), RunId(row.id)),
        inputs={_camel(name): value for name, value in row.inputs.items()},
        error=row.error,
        steps=[_step(step) for step in steps],
        proposals=proposals,
        children=[run_row(child) for child in children],
    )


def _step(step: StepView) -> wire.RunStep:
    return wire.RunStep(
        seq=step.seq,
        kind=step.kind,
        name=step.name,
        state=step.state,
        summary=step.summary,
        started_at=step.started_at,
        finished_at=step.finished_at,
        input_tokens=step.input_tokens,
        output_tokens=step.output_tokens,
    )


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
