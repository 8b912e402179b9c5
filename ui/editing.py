"""An edit in the making: the fields with what was typed into them, and what verification said of it.

Knows no rule: what fits is said by the API.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from backend.schemas.common import Money
from backend.schemas.proposals import Field, ProposalCard, RevisionAnswer
from ui import formats
from ui.amounts import AmountError, minor_units
from ui.card_views import change_views
from ui.view_models import ChangeView

_PLACE = re.compile(r"^(?:parameters of \S+: )?(?P<said>.*?)(?: - at `\$\.(?P<field>\w+)[^`]*`)?$")
_INTEGER = re.compile(r"-?[0-9]+")


@dataclass(frozen=True)
class Option:
    """One value that an enum field may take."""

    value: str = ""
    label: str = ""


@dataclass(frozen=True)
class EditField:
    """One parameter as a form field. ``drafted`` is what the present revision says, ``error`` what is wrong."""

    name: str = ""
    label: str = ""
    kind: str = "text"
    text: str = ""
    drafted: str = ""
    empty: bool = False
    unit: str = ""
    exponent: int = 0
    options: list[Option] = field(default_factory=list)
    error: str = ""

    @property
    def changed(self) -> bool:
        """Whether it says something else than the present revision."""
        return self.text != self.drafted


@dataclass(frozen=True)
class Preview:
    """What would become of the edit. ``state``: same, checking, passed, refused or broken.

    ``problem`` is what concerns no single field, ``sentence`` the statement of the new revision.
    """

    state: str = "same"
    sentence: str = ""
    changes: list[ChangeView] = field(default_factory=list)
    risk: str = ""
    problem: str = ""


def edit_fields(card: ProposalCard) -> list[EditField]:
    """The fields of the form, with the values of the present revision."""
    return [_edit_field(one) for one in card.fields]


def _edit_field(one: Field) -> EditField:
    text = "" if one.value is None else str(one.value)
    if one.kind == "money" and isinstance(one.value, int):
        text = formats.digits(
            Money(minor=one.value, currency=one.currency or "", exponent=one.exponent)
        )
    return EditField(
        name=one.name,
        label=one.label,
        kind=one.kind,
        text=text,
        drafted=text,
        empty=one.value is None,
        unit=one.currency or "",
        exponent=one.exponent,
        options=[
            Option(choice, formats.value(choice, "enum").capitalize()) for choice in one.choices
        ],
    )


def typed(fields: Sequence[EditField], name: str, text: str) -> list[EditField]:
    """The fields once ``text`` stands in one of them."""
    return [replace(one, text=text, error="") if one.name == name else one for one in fields]


def parameters(
    present: Mapping[str, object], fields: Sequence[EditField]
) -> tuple[dict[str, object], list[EditField]]:
    """All parameters as they shall be, and the fields with what cannot be read as a value."""
    wanted, read = dict(present), []
    for one in fields:
        error = ""
        try:
            if one.changed:
                wanted[one.name] = _value(one)
        except ValueError as unreadable:
            error = str(unreadable)
        read.append(replace(one, error=error))
    return wanted, read


def _value(one: EditField) -> int | str | None:
    text = one.text.strip()
    if one.kind == "money":
        return minor_units(text, one.unit, one.exponent)
    if one.kind == "integer":
        if not _INTEGER.fullmatch(text):
            raise AmountError("Write a whole number.")
        return int(text)
    return None if one.empty and not text else text


def judged(
    answer: RevisionAnswer, fields: Sequence[EditField], last: str
) -> tuple[list[EditField], Preview]:
    """The fields with what verification said beside them, and the preview.

    What names no field stands beside ``last``, the one that was typed into: without it all was well.
    """
    said: dict[str, list[str]] = {}
    names = {one.name for one in fields}
    for verdict in answer.verdicts:
        for message in verdict.messages:
            found = _PLACE.match(message)
            place, text = (found["field"], found["said"]) if found else (None, message)
            said.setdefault(place if place in names else last, []).append(_plain(text))
    beside = [replace(one, error=" ".join(said.get(one.name, ()))) for one in fields]
    return beside, Preview(
        state="passed" if answer.passed else "refused",
        sentence=answer.sentence or "",
        changes=change_views(answer.changes),
        risk="" if answer.risk is None else str(answer.risk),
        problem=" ".join(text for place in said.keys() - names for text in said[place]),
    )


def _plain(message: str) -> str:
    return formats.sentence(message.replace("`", ""))
