"""The dashboard's numbers keep their sample, say no share of too few cases, and lead to their rows."""

from datetime import UTC, date, datetime
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import pytest

from backend.schemas.analytics import (
    Activity,
    Bar,
    Check,
    Day,
    Figure,
    Overview,
    PlaybookOutcome,
    Spend,
)
from backend.schemas.common import Money
from backend.schemas.matrix import ProposalFilter
from tests.unit.ui.wire import AT
from ui import chart_views
from ui.dashboard_views import (
    activity_view,
    check_view,
    figure_view,
    outcome_view,
    overview_view,
    period,
    share,
    spend_view,
)
from ui.rows import rows_path, rows_query

PENDING = ProposalFilter(decision=["pending"])
NO_SPEND = Spend(input_tokens=0, output_tokens=0, model_calls=0, spend=None, unpriced_calls=0)


def figure(value: float | None, unit: str, n: int, of: str = "decided") -> Figure:
    return Figure(id="x", label="X", value=value, unit=unit, n=n, of=of, rows=PENDING)


def day(number: int, *, approved: int = 0, rejected: int = 0, partial: bool = False) -> Day:
    return Day(
        day=date(2026, 11, number),
        approved=approved,
        rejected=rejected,
        expired=0,
        partial=partial,
        rows=PENDING,
    )


def outcome(**changed: int) -> PlaybookOutcome:
    given = {"proposed": 40, "approved": 30, "rejected": 4, "edited": 5, "automated": 18}
    return PlaybookOutcome(
        playbook_id="p",
        playbook="Overdue invoices",
        executed=29,
        failed=0,
        spend=None,
        rows=ProposalFilter(playbook=["p"]),
        **(given | changed),
    )


def overview(**changed: object) -> Overview:
    given: dict[str, object] = {
        "days": 30,
        "reach": "org",
        "as_of": AT,
        "figures": [],
        "pending_by_age": [],
        "pending_by_risk": [],
        "time_to_decision": None,
        "decisions": [],
        "playbooks": [],
        "spend": NO_SPEND,
    }
    return Overview(**(given | changed))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seen", "shown"),
    [
        (figure(1324, "count", 1324, "waiting"), ("1,324", "", "waiting")),
        (figure(0.7247, "share", 821), ("72.5", "%", "of 821 decided")),
        (figure(667, "seconds", 34), ("11", "min 7 s median", "of 34 decided")),
        (figure(None, "share", 19), ("\N{EN DASH}", "", "19 decided, too few")),
        (figure(0, "count", 0, "waiting"), ("0", "", "waiting")),
    ],
)
def test_figure_when_shown_then_it_has_its_unit_and_keeps_its_sample(
    seen: Figure, shown: tuple[str, str, str]
) -> None:
    view = figure_view(seen)

    assert (view.value, view.unit, view.sample) == shown
    assert view.href == "/proposals?decision=pending"


@pytest.mark.parametrize(
    ("count", "of", "said"), [(3, 20, "15.0 %"), (3, 19, ""), (0, 40, "0.0 %"), (0, 0, "")]
)
def test_share_when_the_sample_is_too_small_then_none_is_said(
    count: int, of: int, said: str
) -> None:
    assert share(count, of) == said


def test_rows_when_they_name_lists_numbers_and_moments_then_the_address_says_each_as_the_api_reads_it() -> (
    None
):
    rows = ProposalFilter(
        decision=["approved", "rejected"],
        playbook=["-one"],
        min_risk=0,
        decided_from=datetime(2026, 11, 24, tzinfo=UTC),
        run=UUID("01999999-0000-7000-8000-00000000abcd"),
        q="Ä & b",
    )

    assert rows_query(rows) == [
        ("decision", "approved"),
        ("decision", "rejected"),
        ("playbook", "-one"),
        ("minRisk", "0"),
        ("decidedFrom", "2026-11-24T00:00:00Z"),
        ("run", "01999999-0000-7000-8000-00000000abcd"),
        ("q", "Ä & b"),
    ]
    assert parse_qsl(urlsplit(rows_path(rows)).query) == rows_query(rows)


def test_rows_when_nothing_narrows_them_then_the_whole_matrix_and_without_rows_no_address() -> None:
    assert (rows_path(ProposalFilter()), rows_path(None)) == ("/proposals", "")


def test_bars_when_drawn_then_the_longest_fills_its_room_and_each_says_itself() -> None:
    first, second, none = chart_views.bar_views(
        [Bar(label=label, count=n, rows=PENDING) for label, n in (("a", 1), ("b", 4), ("c", 0))]
    )

    assert (first.width, second.width, none.width) == ("25.00%", "100.00%", "0.00%")
    assert (first.said, second.said) == ("a: 1 proposal", "b: 4 proposals")


def test_bars_when_all_are_empty_then_none_has_a_length() -> None:
    assert chart_views.bar_views([Bar(label="a", count=0, rows=PENDING)])[0].width == "0%"


@pytest.mark.parametrize(
    ("most", "top", "ticks"),
    [
        (0, 1, [0, 1]),
        (1, 1, [0, 1]),
        (7, 8, [0, 2, 4, 6, 8]),
        (80, 80, [0, 20, 40, 60, 80]),
        (81, 100, [0, 50, 100]),
        (1000, 1000, [0, 500, 1000]),
    ],
)
def test_scale_when_made_then_it_holds_the_most_in_round_steps(
    most: int, top: int, ticks: list[int]
) -> None:
    assert chart_views.scale(most) == (top, ticks)


def test_days_when_drawn_then_heights_are_of_the_scale_and_today_is_said_to_be_partial() -> None:
    view = chart_views.days_view(
        [day(23, approved=6, rejected=2), day(24, approved=1, partial=True)]
    )

    full, today = view.days
    assert (full.approved_height, full.rejected_height) == ("75.00%", "25.00%")
    assert full.said == "23 Nov: 6 approved, 2 rejected, 0 expired"
    assert (today.day, today.label, today.partial) == ("Today, so far", "today", True)
    assert (view.total, view.any) == ("9", True)


def test_days_when_there_are_thirty_then_one_a_week_is_named_and_none_runs_into_today() -> None:
    days = [day(number) for number in range(1, 30)] + [day(30, partial=True)]

    named = [one.label for one in chart_views.days_view(days).days if one.label]

    assert named == ["1 Nov", "8 Nov", "15 Nov", "22 Nov", "today"]


def test_times_when_known_then_both_lie_on_the_axis_in_order() -> None:
    view = chart_views.times_view((667, 9600))

    assert (view.half, view.most) == ("11 min 7 s", "2 h 40 min")
    assert float(view.half_at[:-1]) < float(view.most_at[:-1]) < 100
    assert not chart_views.times_view(None).known


def test_outcome_when_shown_then_the_bar_parts_add_up_and_shares_are_of_the_proposed() -> None:
    view = outcome_view(outcome())

    widths = (view.automated_width, view.approved_width, view.rejected_width)
    assert widths == ("45.00%", "30.00%", "10.00%")
    assert (view.edited, view.edited_share, view.rejected_share) == ("5", "12.5 %", "10.0 %")
    assert outcome_view(outcome(proposed=19, approved=1, automated=0)).edited_share == ""


def test_spend_when_calls_have_no_price_then_it_says_how_many() -> None:
    spend = Spend(
        input_tokens=1200,
        output_tokens=30,
        model_calls=3,
        spend=Money(minor=123, currency="USD", exponent=2),
        unpriced_calls=1,
    )

    view = spend_view(spend)

    assert (view.amount, view.tokens_in) == ("USD\u00a01.23", "1,200")
    assert view.unpriced == "Not in it: 1 call without a known price."
    assert spend_view(NO_SPEND).amount == "\N{EN DASH}"


def test_overview_when_nothing_was_ever_proposed_then_it_says_so() -> None:
    bar = Bar(label="a", count=1, rows=PENDING)

    assert overview_view(overview()).nothing
    assert not overview_view(overview(pending_by_age=[bar])).nothing
    assert not overview_view(overview(decisions=[day(24, approved=1)])).nothing


@pytest.mark.parametrize(
    ("state", "seal", "word"),
    [
        ("ok", "executed", ""),
        ("degraded", "stale", "Degraded"),
        ("failed", "failed", "Failed"),
        ("unknown", "unknown", "Not known"),
        ("something else", "unknown", "Not known"),
    ],
)
def test_check_when_its_state_is_not_fine_then_a_word_says_it(
    state: str, seal: str, word: str
) -> None:
    view = check_view(Check(id="c", label="C", state=state, detail="", checked_at=AT))

    assert (view.seal, view.state) == (seal, word)


def test_activity_when_it_has_a_proposal_then_it_leads_there_else_to_its_run() -> None:
    def of(proposal: str | None, run: str | None) -> str:
        one = Activity(
            seq=1,
            at=AT,
            what="ran",
            actor=None,
            subject="x",
            proposal_id=proposal,
            run_id=run,
            seal="executed",
        )
        return activity_view(one).href

    assert (of("p", "r"), of(None, "r"), of(None, None)) == ("/proposals/p", "/runs/r", "")


@pytest.mark.parametrize(
    ("asked", "days"), [("7", 7), ("90", 90), ("8", 30), ("", 30), ("x", 30), ("-7", 30)]
)
def test_period_when_the_address_asks_for_one_that_is_not_offered_then_the_usual_one(
    asked: str, days: int
) -> None:
    assert period(asked) == days
