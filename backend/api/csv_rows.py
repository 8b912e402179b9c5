"""Proposals as rows of a CSV file (RFC 4180) that a spreadsheet opens without running anything in it."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from backend.api.presenting.columns import TITLES
from backend.core.clock import iso
from backend.core.money import Money
from backend.proposals.views import ProposalView

Cell = str | int | Decimal
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def header(columns: Sequence[str]) -> str:
    """The titles; an amount has its currency beside it."""
    return line(
        title
        for one in columns
        for title in ((TITLES[one], "Currency") if one == "amount" else (TITLES[one],))
    )


def lines(views: Iterable[ProposalView], columns: Sequence[str], labels: Mapping[str, str]) -> str:
    """A line for each proposal. ``labels`` are those of the actions."""
    return "".join(
        line(cell for one in columns for cell in _cells(one, view, labels)) for view in views
    )


def _cells(column: str, view: ProposalView, labels: Mapping[str, str]) -> Sequence[Cell]:
    row = view.row
    match column:
        case "change":
            return (f"{labels.get(row.action, row.action)}: {row.summary}",)
        case "amount":
            return _money(view.amount)
    return (_PLAIN[column](view),)


def _status(view: ProposalView) -> str:
    row = view.row
    return row.decision if row.execution == "none" else f"{row.decision}, {row.execution}"


def _cost(view: ProposalView) -> Cell:
    """Dollars; nothing where no provider was paid."""
    spend = view.used.spend if view.used else None
    return Decimal(spend.micro_usd).scaleb(-6) if spend and spend.micro_usd else ""


def _money(amount: Money | None) -> tuple[Cell, Cell]:
    if amount is None:
        return "", ""
    return Decimal(amount.minor).scaleb(-amount.exponent), amount.currency


def _moment(at: datetime | None) -> str:
    return iso(at) if at else ""


_PLAIN: Mapping[str, Callable[[ProposalView], Cell]] = {
    "status": _status,
    "party": lambda view: view.row.party,
    "record": lambda view: view.row.target_label,
    "risk": lambda view: view.row.risk_score,
    "signed": lambda view: f"{view.signed} of {view.row.required_signatures}",
    "due": lambda view: _moment(view.row.due_at),
    "playbook": lambda view: view.playbook,
    "requester": lambda view: view.requester,
    "team": lambda view: view.team or "",
    "cost": _cost,
    "confidence": lambda view: Decimal(str(view.row.confidence)),
    "created": lambda view: _moment(view.row.created_at),
    "id": lambda view: str(view.row.id),
    "workflow": lambda view: str(view.row.run_id),
}


def line(cells: Iterable[Cell]) -> str:
    """One line of any CSV file of ours."""
    written = io.StringIO()
    csv.writer(written).writerow([_safe(cell) for cell in cells])
    return written.getvalue()


def _safe(cell: Cell) -> str:
    """A text that a spreadsheet would take for a formula is kept a text; numbers stay numbers."""
    if not isinstance(cell, str):
        return format(cell, "f") if isinstance(cell, Decimal) else str(cell)
    return f"'{cell}" if cell.startswith(_DANGEROUS) else cell
