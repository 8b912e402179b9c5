"""The columns of the matrix: their words, widths, and what each can be narrowed to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from backend.proposals.choices import Choices
from backend.proposals.states import DecisionState, ExecutionState
from backend.schemas.matrix import (
    Column,
    ColumnFilter,
    ColumnList,
    ColumnOptions,
    Option,
    OptionList,
)

_ALWAYS = 0
_STATUS = ("decision", "execution")


@dataclass(frozen=True, slots=True)
class _Column:
    id: str
    title: str
    width: int
    shown_from: int | None = None
    sort: str | None = None
    kind: str | None = None
    parameters: tuple[str, ...] = field(default=())
    grow: bool = False
    at_end: bool = False
    pinned: bool = False


_COLUMNS = (
    _Column("status", "Status", 140, _ALWAYS, "status", "choice", _STATUS, pinned=True),
    _Column("change", "Change", 200, _ALWAYS, "title", "choice", ("action",), grow=True),
    _Column("party", "Customer", 208, 940, "customer"),
    _Column("record", "Record", 132, 1150, "target"),
    _Column(
        "amount",
        "Amount",
        138,
        _ALWAYS,
        "amount",
        "money",
        ("minAmount", "maxAmount", "currency"),
        at_end=True,
    ),
    _Column("risk", "Risk", 112, _ALWAYS, "risk", "range", ("minRisk", "maxRisk")),
    _Column("signed", "Signed by", 88, 1050),
    _Column("due", "Due", 120, _ALWAYS, "dueAt", "date", ("dueFrom", "dueTo")),
    _Column("playbook", "Playbook", 180, 1400, "playbook", "choice", ("playbook",)),
    _Column("requester", "Requested by", 160, None, "requester", "choice", ("requester",)),
    _Column("team", "Team", 140, None, "team", "choice", ("team",)),
    _Column("cost", "Cost", 104, None, at_end=True),
    _Column(
        "confidence",
        "Confidence",
        116,
        1400,
        "confidence",
        "range",
        ("minConfidence", "maxConfidence"),
        at_end=True,
    ),
    _Column("created", "Created", 132, None, "createdAt", "date", ("createdFrom", "createdTo")),
    _Column("id", "Id", 132),
    _Column("workflow", "Run", 132),
)
TITLES = {one.id: one.title for one in _COLUMNS}


def column_list() -> ColumnList:
    """All columns in their usual order."""
    return ColumnList(items=[_wire(one) for one in _COLUMNS])


def option_list(choices: Choices, actions: Mapping[str, str]) -> OptionList:
    """What they can be narrowed to. ``actions`` are the labels of those that are installed."""
    options = {
        "status": [*_states("decision", DecisionState), *_states("execution", ExecutionState)],
        "change": [Option(value=name, label=actions.get(name, name)) for name in choices.actions],
        "playbook": _named(choices.playbooks),
        "requester": _named(choices.requesters),
        "team": _named(choices.teams),
        "amount": [Option(value=code, label=code) for code in choices.currencies],
    }
    return OptionList(items=[ColumnOptions(column=one, options=options[one]) for one in options])


def _wire(column: _Column) -> Column:
    narrowed = None
    if column.kind is not None:
        narrowed = ColumnFilter(kind=column.kind, parameters=list(column.parameters))
    return Column(
        id=column.id,
        title=column.title,
        width=column.width,
        grow=column.grow,
        align="end" if column.at_end else "start",
        shown_from=column.shown_from,
        pinned=column.pinned,
        sort=column.sort,
        filter=narrowed,
    )


def _states(parameter: str, states: Iterable[str]) -> Iterable[Option]:
    for state in states:
        label = "Not started" if state == ExecutionState.NONE else state.capitalize()
        yield Option(value=str(state), label=label, parameter=parameter)


def _named(found: Iterable[tuple[UUID, str]]) -> list[Option]:
    return [Option(value=str(key), label=name) for key, name in found]
