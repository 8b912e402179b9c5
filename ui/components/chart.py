"""The charts: bars across, columns by day, a span of time. Each bar leads to its rows, each chart has a table."""

from collections.abc import Callable

import reflex as rx

from ui.chart_views import BarView, DayView, MarkView, TimesView
from ui.reflex_types import cond, el, foreach, fragment
from ui.theme import icon, inline, link

DECISIONS = (("approved", "Approved"), ("rejected", "Rejected"), ("expired", "Expired"))


def bars(shown: object, title: str, *, scale: str = "") -> rx.Component:
    """One bar a line, with its label and its number. ``scale`` colours them by level (``risk``)."""
    return fragment(
        el.ul(foreach(shown, _bar), class_name=f"cs-bars {scale}", aria_label=title),
        table_view(
            title,
            ("", "Proposals"),
            shown,
            lambda b: el.tr(
                el.th(b.label, scope="row"), el.td(_to(b.href, b.count), class_name="r")
            ),
        ),
    )


def _bar(bar: BarView) -> rx.Component:
    return el.li(
        link(
            el.span(bar.label, class_name="lab"),
            el.span(_length("width", bar.width, bar.level), class_name="track"),
            el.span(bar.count, el.span(" proposals", class_name="sr"), class_name="n num"),
            to=bar.href,
            custom_attrs={"title": bar.said, "data-count": bar.count},
        )
    )


def columns(days: object, marks: object) -> rx.Component:
    """Stacked columns. They are pressed with a mouse; the table below has the same rows for keyboard and finger."""
    return fragment(
        el.div(
            foreach(marks, _line),
            el.ul(foreach(days, _column), aria_label="Decisions per day"),
            class_name="cs-days",
        ),
        table_view(
            "Decisions per day",
            ("Day", *[title for _, title in DECISIONS]),
            days,
            lambda d: el.tr(
                el.th(_to(d.href, d.day), scope="row"),
                el.td(d.approved, class_name="r"),
                el.td(d.rejected, class_name="r"),
                el.td(d.expired, class_name="r"),
            ),
        ),
    )


def legend() -> rx.Component:
    """What the colours of the columns mean."""
    return el.span(
        *[el.span(el.i(class_name=kind), title) for kind, title in DECISIONS],
        class_name="cs-legend",
        aria_hidden="true",
    )


def _line(mark: MarkView) -> rx.Component:
    return el.div(
        el.span(mark.label),
        class_name="line",
        aria_hidden="true",
        custom_attrs=inline(bottom=mark.at),
    )


def _column(day: DayView) -> rx.Component:
    return el.li(
        link(
            _length("height", day.approved_height, "approved"),
            _length("height", day.rejected_height, "rejected"),
            _length("height", day.expired_height, "expired"),
            to=day.href,
            class_name=cond(day.partial, "today", ""),
            custom_attrs={"aria-label": day.said, "title": day.said, "tabIndex": -1},
        ),
        el.span(day.label, aria_hidden="true"),
    )


def times(t: TimesView) -> rx.Component:
    """From the half to nine of ten, on an axis by powers."""
    return fragment(
        el.dl(
            el.div(el.dt("Half are decided within"), el.dd(t.half)),
            el.div(el.dt("Nine of ten within"), el.dd(t.most)),
            class_name="cs-times",
        ),
        el.div(
            foreach(t.marks, _notch),
            el.i(
                class_name="between",
                custom_attrs=inline(insetInlineStart=t.half_at, width=t.between),
            ),
            el.i(class_name="half", custom_attrs=inline(insetInlineStart=t.half_at)),
            el.i(class_name="most", custom_attrs=inline(insetInlineStart=t.most_at)),
            class_name="cs-span",
            aria_hidden="true",
        ),
    )


def _notch(mark: MarkView) -> rx.Component:
    return el.span(mark.label, class_name="notch", custom_attrs=inline(insetInlineStart=mark.at))


def table_view(
    title: str, head: tuple[str, ...], rows: object, draw: Callable[..., rx.Component]
) -> rx.Component:
    """The same numbers as a table, folded away."""
    first, *others = head
    return el.details(
        el.summary(icon("table-2", 12), "Table", el.span(" of ", title, class_name="sr")),
        el.table(
            el.caption(title, class_name="sr"),
            el.thead(
                el.tr(
                    el.th(first, scope="col") if first else el.td(),
                    *[el.th(name, scope="col", class_name="r") for name in others],
                )
            ),
            el.tbody(foreach(rows, draw)),
            class_name="cs-table",
        ),
        class_name="cs-tableview",
    )


def _to(address: object, text: object) -> rx.Component:
    return link(text, to=address, class_name="link")


def _length(side: str, length: object, kind: object) -> rx.Component:
    return el.i(class_name=kind, custom_attrs=inline(**{side: length}))
