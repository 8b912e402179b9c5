"""Runs on the wire."""

from collections.abc import Iterable
from datetime import datetime

from backend.api.presenting.budgets import spend_money
from backend.api.presenting.common import person
from backend.core.errors import AppError
from backend.core.ids import OrgId, RunId
from backend.runs.budget_reading import Spend, Spender
from backend.runs.repository import RunView, StepView
from backend.runs.service import UNDOES
from backend.runs.trace import Span
from backend.schemas import runs as wire
from backend.schemas.common import Cost
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
            cancelled=counts.cancelled,
        ),
        cost=run_cost(view.row, view.spend),
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


def run_cost(row: Spender, spend: Spend | None) -> Cost:
    """What the run has used, a playbook run with its children: of a provider's model by its calls, as they happen."""
    if spend is None or not spend.calls:
        return Cost(
            input_tokens=row.input_tokens,
            output_tokens=row.output_tokens,
            model_calls=row.model_calls,
        )
    return Cost(
        input_tokens=spend.input_tokens,
        output_tokens=spend.output_tokens,
        model_calls=spend.calls,
        spend=spend_money(spend),
        unpriced_calls=spend.unpriced_calls,
    )


def run_detail(
    view: RunView,
    *,
    steps: Iterable[StepView],
    proposals: list[ProposalRow],
    children: Iterable[RunView],
    cannot_cancel: AppError | None,
) -> wire.RunDetail:
    """A run with its trace, its proposals and its children."""
    row, shown = view.row, run_row(view)
    of_one = row.parent_run_id is not None or UNDOES in row.inputs
    process = Process.AGENT_RUN if of_one else Process.PLAYBOOK_RUN
    return wire.RunDetail(
        **{name: getattr(shown, name) for name in shown.__struct_fields__},
        workflow_id=workflow_id(process, OrgId(row.org_id), RunId(row.id)),
        inputs={_camel(name): value for name, value in row.inputs.items()},
        error=row.error,
        steps=[_step(step) for step in steps],
        proposals=proposals,
        children=[run_row(child) for child in children],
        can_cancel=cannot_cancel is None,
        cannot_cancel_reason=cannot_cancel.message if cannot_cancel else None,
    )


def run_trace(view: RunView, spans: Iterable[Span]) -> wire.RunTrace:
    """A run on a time axis; its own span comes first."""
    own, *rest = spans
    return wire.RunTrace(
        run_id=str(view.row.id),
        state=view.row.state,
        started_at=own.started_at,
        duration_ms=own.duration,
        cost=run_cost(view.row, view.spend),
        spans=[_span(span, own.started_at) for span in (own, *rest)],
    )


def _span(span: Span, start: datetime) -> wire.TraceSpan:
    return wire.TraceSpan(
        id=span.id,
        parent_id=span.parent_id,
        run_id=str(span.run_id),
        kind=span.kind,
        name=span.name,
        state=span.state,
        summary=span.summary,
        started_at=span.started_at,
        offset_ms=span.offset_from(start),
        duration_ms=span.duration,
        attempt=span.attempt,
        input_tokens=span.input_tokens,
        output_tokens=span.output_tokens,
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
