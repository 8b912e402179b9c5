"""The dashboard as the page shows it, made from the wire's types. Every percentage keeps its sample."""

from dataclasses import dataclass, field
from datetime import timedelta

from backend.schemas.analytics import Activity, Check, Figure, Overview, PlaybookOutcome, Spend
from ui import formats
from ui.chart_views import (
    BarView,
    DaysView,
    TimesView,
    bar_views,
    days_view,
    percent,
    times_view,
)
from ui.rows import rows_path
from ui.run_views import duration

PERIODS = (7, 30, 90)
USUAL_PERIOD = 30
SMALLEST_SAMPLE = 20
TOO_FEW = f" Below {SMALLEST_SAMPLE} cases only their count is shown."
WHAT = {
    "pending": "Proposals that wait for a decision now, whenever they were made.",
    "overdue": "Of those that wait, the ones whose due time has passed.",
    "decided": "Proposals approved or rejected in the period, by people or by the policy. Expired ones are not in it.",
    "approvalRate": "Of the decided, those that were approved, by people or by the policy.",
    "editRate": "Of the decided, those whose last revision was written by a person.",
    "rejectRate": "Of the decided, those that were rejected.",
    "automationRate": "Of the decided, those that the policy approved without a person.",
    "timeToDecision": "From the proposal to its decision, for decisions by people. Half took less.",
    "errorRate": "Of the effects that were sent, those that the outside system refused.",
    "executed": "Of the decided, those that the outside system has confirmed.",
}
REACHES = {"self": "Your own", "team": "Your teams", "org": "Whole organization"}
SEALS = {"ok": "executed", "degraded": "stale", "failed": "failed"}
STATES = {"ok": "", "degraded": "Degraded", "failed": "Failed", "unknown": "Not known"}
TONES = {"degraded": "amber", "failed": "red", "unknown": "violet"}


@dataclass(frozen=True)
class FigureView:
    """One number with its unit, its sample, what it counts, and the address of its rows."""

    id: str = ""
    label: str = ""
    value: str = ""
    unit: str = ""
    sample: str = ""
    what: str = ""
    tip: str = ""
    href: str = ""


@dataclass(frozen=True)
class OutcomeView:
    """One playbook's line; the widths are of all that it proposed."""

    name: str = ""
    proposed: str = ""
    automated: str = ""
    approved: str = ""
    rejected: str = ""
    edited: str = ""
    edited_share: str = ""
    rejected_share: str = ""
    executed: str = ""
    failed: str = ""
    said: str = ""
    spend: str = ""
    automated_width: str = "0%"
    approved_width: str = "0%"
    rejected_width: str = "0%"
    href: str = ""


@dataclass(frozen=True)
class SpendView:
    """What models cost."""

    amount: str = ""
    calls: str = ""
    tokens_in: str = ""
    tokens_out: str = ""
    unpriced: str = ""


@dataclass(frozen=True)
class OverviewView:
    """Everything that one request answers. ``days`` is 0 until it did."""

    days: int = 0
    reach: str = ""
    nothing: bool = False
    figures: list[FigureView] = field(default_factory=list)
    ages: list[BarView] = field(default_factory=list)
    risks: list[BarView] = field(default_factory=list)
    pending: bool = False
    times: TimesView = field(default_factory=TimesView)
    decided: DaysView = field(default_factory=DaysView)
    playbooks: list[OutcomeView] = field(default_factory=list)
    spend: SpendView = field(default_factory=SpendView)


@dataclass(frozen=True)
class CheckView:
    """One check that ran."""

    id: str = ""
    label: str = ""
    state: str = ""
    tone: str = ""
    seal: str = ""
    detail: str = ""
    checked_at: str = ""


@dataclass(frozen=True)
class ActivityView:
    """One thing that happened."""

    seq: str = ""
    at: str = ""
    who: str = ""
    what: str = ""
    subject: str = ""
    seal: str = ""
    href: str = ""


def period(asked: str) -> int:
    """The days that the address asks for, if they can be chosen; else the usual ones."""
    return int(asked) if asked in {str(days) for days in PERIODS} else USUAL_PERIOD


def overview_view(seen: Overview) -> OverviewView:
    """All panels but the system and what happened just now."""
    decided = days_view(seen.decisions)
    pending = any(bar.count for bar in seen.pending_by_age)
    return OverviewView(
        days=seen.days,
        reach=REACHES.get(seen.reach, seen.reach),
        nothing=not (decided.any or pending or any(p.proposed for p in seen.playbooks)),
        figures=[figure_view(figure) for figure in seen.figures],
        ages=bar_views(seen.pending_by_age),
        risks=bar_views(seen.pending_by_risk),
        pending=pending,
        times=times_view(seen.time_to_decision),
        decided=decided,
        playbooks=[outcome_view(playbook) for playbook in seen.playbooks],
        spend=spend_view(seen.spend),
    )


def figure_view(figure: Figure) -> FigureView:
    """Shares in percent with one decimal; where the sample is too small for one, only the sample."""
    value, unit = _value(figure)
    few = figure.value is None
    return FigureView(
        id=figure.id,
        label=figure.label,
        value=value,
        unit=unit,
        sample=_sample(figure),
        what=WHAT.get(figure.id, formats.sentence(figure.of)) + (TOO_FEW if few else ""),
        tip=f"tip-{figure.id}",
        href=rows_path(figure.rows),
    )


def _value(figure: Figure) -> tuple[str, str]:
    if figure.value is None:
        return formats.NONE, ""
    if figure.unit == "share":
        return f"{100 * figure.value:.1f}", "%"
    if figure.unit == "seconds":
        number, _, rest = duration(timedelta(seconds=figure.value)).partition(" ")
        return number, f"{rest} median"
    return f"{figure.value:,.0f}", ""


def _sample(figure: Figure) -> str:
    """What the number is of; a count is its own sample."""
    if figure.value is None:
        return f"{figure.n:,} {figure.of}, too few"
    return figure.of if figure.unit == "count" else f"of {figure.n:,} {figure.of}"


def share(count: int, of: int) -> str:
    """``2.6 %``; nothing where the sample is too small to speak of shares."""
    return f"{100 * count / of:.1f} %" if of >= SMALLEST_SAMPLE else ""


def outcome_view(seen: PlaybookOutcome) -> OutcomeView:
    """By the policy alone, approved by people, rejected; what is left of the bar has no outcome yet."""
    people = max(0, seen.approved - seen.automated)
    said = (
        f"Of {seen.proposed} proposed: {seen.automated} by policy, {people} approved by people, "
        f"{seen.rejected} rejected"
    )
    return OutcomeView(
        name=seen.playbook,
        proposed=f"{seen.proposed:,}",
        automated=f"{seen.automated:,}",
        approved=f"{seen.approved:,}",
        rejected=f"{seen.rejected:,}",
        edited=f"{seen.edited:,}",
        edited_share=share(seen.edited, seen.proposed),
        rejected_share=share(seen.rejected, seen.proposed),
        executed=f"{seen.executed:,}",
        failed=f"{seen.failed:,}" if seen.failed else "",
        said=said,
        spend=formats.amount(seen.spend) if seen.spend else formats.NONE,
        automated_width=percent(seen.automated, seen.proposed),
        approved_width=percent(people, seen.proposed),
        rejected_width=percent(seen.rejected, seen.proposed),
        href=rows_path(seen.rows),
    )


def spend_view(seen: Spend) -> SpendView:
    """Money where there is some; calls without a price are said beside it."""
    unpriced = seen.unpriced_calls
    calls = "call" if unpriced == 1 else "calls"
    return SpendView(
        amount=formats.amount(seen.spend) if seen.spend else formats.NONE,
        calls=f"{seen.model_calls:,}",
        tokens_in=f"{seen.input_tokens:,}",
        tokens_out=f"{seen.output_tokens:,}",
        unpriced=f"Not in it: {unpriced:,} {calls} without a known price." if unpriced else "",
    )


def check_view(check: Check) -> CheckView:
    """A state that nobody has told us is not known, never fine."""
    return CheckView(
        id=check.id,
        label=check.label,
        state=STATES.get(check.state, STATES["unknown"]),
        tone=TONES.get(check.state, ""),
        seal=SEALS.get(check.state, "unknown"),
        detail=check.detail,
        checked_at=check.checked_at.isoformat(),
    )


def activity_view(seen: Activity) -> ActivityView:
    """It leads to the proposal, else to the run."""
    to = f"/proposals/{seen.proposal_id}" if seen.proposal_id else ""
    return ActivityView(
        seq=str(seen.seq),
        at=seen.at.isoformat(),
        who=seen.actor or "",
        what=seen.what,
        subject=seen.subject,
        seal=seen.seal,
        href=to or (f"/runs/{seen.run_id}" if seen.run_id else ""),
    )
