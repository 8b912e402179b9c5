"""Wire types of the matrix: its columns as data, what narrows it, and what it adds up to."""

from datetime import datetime
from uuid import UUID

import msgspec

from backend.schemas.common import Money, Person, Wire


class Option(Wire, frozen=True):
    """One value that a filter can take; ``parameter`` says of which, where a choice has several."""

    value: str
    label: str
    parameter: str | None = None


class ColumnFilter(Wire, frozen=True):
    """How a column narrows the list. ``parameters`` are fields of :class:`ProposalFilter`.

    ``kind``: choice (any of its options), range (numbers, from and to), money (from and to in minor units,
    with a currency), date (from and to, ISO 8601).
    """

    kind: str
    parameters: list[str]


class Column(Wire, frozen=True):
    """One column of the matrix. ``id`` names its drawing, ``sort`` the key of ``GET /proposals?sort=`` (absent: none).

    ``width`` in pixels, ``grow`` says that it takes the room that is left. ``shown_from`` is the width of the grid in
    pixels from which it is shown unless the reader says otherwise (absent: hidden until asked for). ``align``: start or
    end.
    """

    id: str
    title: str
    width: int
    grow: bool
    align: str
    shown_from: int | None
    pinned: bool
    sort: str | None
    filter: ColumnFilter | None


class ColumnList(Wire, frozen=True):
    """All columns of the matrix in their usual order, and what else narrows it without being a column."""

    items: list[Column]


class ColumnOptions(Wire, frozen=True):
    """What one column can be narrowed to; of an amount its currencies."""

    column: str
    options: list[Option]


class OptionList(Wire, frozen=True):
    """The columns that have options: only values that occur within the asking person's reach."""

    items: list[ColumnOptions]


class ProposalFilter(Wire, frozen=True):
    """What narrows a list of proposals: every field holds (AND), and of a list any value (OR).

    A value with ``-`` before it excludes. Amounts are minor units of ``currency``. ``box``: mine, team,
    waiting, decided. ``run`` includes the run's children. ``q`` finds words of sentence and summary.
    """

    decision: list[str] = msgspec.field(default_factory=list)
    execution: list[str] = msgspec.field(default_factory=list)
    playbook: list[str] = msgspec.field(default_factory=list)
    action: list[str] = msgspec.field(default_factory=list)
    team: list[str] = msgspec.field(default_factory=list)
    requester: list[str] = msgspec.field(default_factory=list)
    currency: list[str] = msgspec.field(default_factory=list)
    min_risk: int | None = None
    max_risk: int | None = None
    min_amount: int | None = None
    max_amount: int | None = None
    min_confidence: float | None = None
    max_confidence: float | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    due_from: datetime | None = None
    due_to: datetime | None = None
    decided_from: datetime | None = None
    decided_to: datetime | None = None
    run: UUID | None = None
    box: str | None = None
    q: str | None = None


class Summary(Wire, frozen=True):
    """What a filtered list adds up to. ``sums`` one a currency; ``highest_risk`` is absent where nothing matches.

    Beyond 10,000 proposals ``count`` is an estimate and ``sums`` are absent.
    """

    count: int
    count_is_estimate: bool
    sums: list[Money] | None
    highest_risk: int | None


class BoxCounts(Wire, frozen=True):
    """How many proposals lie in each box of the inbox; ``overdue`` of ``mine``."""

    mine: int
    overdue: int
    team: int
    waiting: int
    decided: int


class ViewColumn(Wire, frozen=True):
    """How a saved view shows a column; those that it does not name are hidden."""

    id: str
    width: int | None = None
    pinned: bool = False


class ViewRequest(Wire, frozen=True):
    """Body of ``POST /views`` and ``PUT /views/{id}``. ``team`` shares it with a team of one's own."""

    name: str
    filter: ProposalFilter
    sort: str
    columns: list[ViewColumn]
    team: UUID | None = None


class View(Wire, frozen=True):
    """A saved view. ``can_change``: it is the reader's own, or they lead the team it is shared with."""

    id: str
    name: str
    filter: ProposalFilter
    sort: str
    columns: list[ViewColumn]
    by: Person
    team: str | None
    team_id: str | None
    can_change: bool
    updated_at: datetime


class ViewList(Wire, frozen=True):
    """The reader's own views and those shared with their teams, by name. ``teams`` are those they can share with."""

    items: list[View]
    teams: list[Option]
