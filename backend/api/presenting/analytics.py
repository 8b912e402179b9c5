"""The dashboard on the wire. ``rows`` of a figure are exactly the proposals that its ``n`` counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from backend.api.presenting.budgets import spend_money
from backend.proposals import analytics
from backend.proposals.analytics import DayCount, Decided, Outcome, Pending
from backend.proposals.states import DecisionState, ExecutionState
from backend.runs.budget_reading import Spend
from backend.runs.spending_since import total_of
from backend.schemas import analytics as wire
from backend.schemas.matrix import ProposalFilter

SMALLEST_SAMPLE = 20
"""Shares and medians of fewer cases say nothing."""

# A filter includes both of its ends; the database counts in microseconds.
_INSTANT = timedelta(microseconds=1)
_PENDING = [str(DecisionState.PENDING)]
_DECIDED = [str(one) for one in analytics.DECIDED]
_TRIED = [str(one) for one in analytics.TRIED]
_EXECUTED = [str(ExecutionState.EXECUTED)]


@dataclass(frozen=True, slots=True)
class Counts:
    """Everything that was counted for one answer."""

    as_of: datetime
    since: datetime
    pending: Pending
    decided: Decided
    days: Sequence[DayCount]
    playbooks: Sequence[Outcome]
    spend: Mapping[UUID, Spend]


def overview(counts: Counts, reach: str) -> wire.Overview:
    """The whole answer."""
    enough = counts.decided.by_people >= SMALLEST_SAMPLE
    return wire.Overview(
        days=len(counts.days),
        reach=reach,
        as_of=counts.as_of,
        figures=_figures(counts),
        pending_by_age=_by_age(counts),
        pending_by_risk=_by_risk(counts.pending),
        time_to_decision=counts.decided.waits if enough else None,
        decisions=[_day(one, counts.as_of) for one in counts.days],
        playbooks=[_outcome(one, counts) for one in counts.playbooks],
        spend=_spend(total_of(counts.spend)),
    )


def _figures(counts: Counts) -> list[wire.Figure]:
    waiting, done, since = counts.pending, counts.decided, counts.since
    pending = ProposalFilter(decision=_PENDING)
    overdue = ProposalFilter(decision=_PENDING, due_to=counts.as_of - _INSTANT)
    decided = ProposalFilter(decision=_DECIDED, decided_from=since)
    executed = ProposalFilter(decision=_DECIDED, execution=_EXECUTED, decided_from=since)
    tried = ProposalFilter(decision=_DECIDED, execution=_TRIED, decided_from=since)
    return [
        _number("pending", "Pending", waiting.count, "waiting for a decision", pending),
        _number("overdue", "Overdue", waiting.overdue, "waiting past their due time", overdue),
        _number("decided", "Decided", done.count, "approved or rejected", decided),
        _share("approvalRate", "Approval rate", (done.approved, done.count), "decided", decided),
        _share("editRate", "Edit rate", (done.edited, done.count), "decided", decided),
        _share("rejectRate", "Reject rate", (done.rejected, done.count), "decided", decided),
        _share(
            "automationRate", "Automation rate", (done.automated, done.count), "decided", decided
        ),
        _wait(done),
        _share("errorRate", "Error rate", (done.failed, done.tried), "effects sent", tried),
        _number("executed", "Executed", done.executed, "executed of those decided", executed),
    ]


def _number(name: str, label: str, count: int, of: str, rows: ProposalFilter) -> wire.Figure:
    return wire.Figure(id=name, label=label, value=count, unit="count", n=count, of=of, rows=rows)


def _share(
    name: str, label: str, sample: tuple[int, int], of: str, rows: ProposalFilter
) -> wire.Figure:
    part, n = sample
    value = part / n if n >= SMALLEST_SAMPLE else None
    return wire.Figure(id=name, label=label, value=value, unit="share", n=n, of=of, rows=rows)


def _wait(done: Decided) -> wire.Figure:
    """No rows: no filter tells what people decided from what the policy did."""
    enough = done.waits is not None and done.by_people >= SMALLEST_SAMPLE
    return wire.Figure(
        id="timeToDecision",
        label="Time to decision",
        value=done.waits[0] if enough and done.waits else None,
        unit="seconds",
        n=done.by_people,
        of="decided by people",
        rows=None,
    )


def _by_age(counts: Counts) -> list[wire.Bar]:
    spans = analytics.ages(counts.as_of)
    return [
        wire.Bar(
            label=span.label,
            count=count,
            rows=ProposalFilter(
                decision=_PENDING,
                created_from=span.begin,
                created_to=span.end and span.end - _INSTANT,
            ),
        )
        for span, count in zip(spans, counts.pending.by_age, strict=True)
    ]


def _by_risk(pending: Pending) -> list[wire.Bar]:
    return [
        wire.Bar(
            label=f"{low} to {high}",
            count=count,
            rows=ProposalFilter(decision=_PENDING, min_risk=low, max_risk=high),
        )
        for (low, high), count in zip(analytics.RISKS, pending.by_risk, strict=True)
    ]


def _day(one: DayCount, as_of: datetime) -> wire.Day:
    begin = datetime.combine(one.day, datetime.min.time(), as_of.tzinfo)
    kinds = [*_DECIDED, str(DecisionState.EXPIRED)]
    end = begin + timedelta(days=1) - _INSTANT
    return wire.Day(
        day=one.day,
        approved=one.counts.get(DecisionState.APPROVED, 0),
        rejected=one.counts.get(DecisionState.REJECTED, 0),
        expired=one.counts.get(DecisionState.EXPIRED, 0),
        partial=one.day == as_of.date(),
        rows=ProposalFilter(decision=kinds, decided_from=begin, decided_to=end),
    )


def _outcome(one: Outcome, counts: Counts) -> wire.PlaybookOutcome:
    spend = counts.spend.get(one.playbook_id)
    return wire.PlaybookOutcome(
        playbook_id=str(one.playbook_id),
        playbook=one.playbook,
        proposed=one.proposed,
        approved=one.approved,
        rejected=one.rejected,
        edited=one.edited,
        executed=one.executed,
        failed=one.failed,
        automated=one.automated,
        spend=spend_money(spend) if spend else None,
        rows=ProposalFilter(playbook=[str(one.playbook_id)], created_from=counts.since),
    )


def _spend(spend: Spend) -> wire.Spend:
    return wire.Spend(
        input_tokens=spend.input_tokens,
        output_tokens=spend.output_tokens,
        model_calls=spend.calls,
        spend=spend_money(spend) if spend.calls else None,
        unpriced_calls=spend.unpriced_calls,
    )
