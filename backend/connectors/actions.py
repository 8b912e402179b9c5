"""What an action is: one class per thing an agent may propose, in ``{vendor}/actions/``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypeAlias

import msgspec

from backend.connectors.base import Adapter, Outcome, VendorRequest
from backend.connectors.records import Record
from backend.core.money import Money

# An instance of the action's own ``parameters``; whoever calls has decoded it with that class.
Parameters: TypeAlias = Any
# A record of the action's ``target_kind``; whoever calls has read it as one.
Target: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after. ``kind``: money, date, text, enum or number; never formatted text."""

    path: str
    label: str
    kind: str
    before: Money | str | None
    after: Money | str | None


@dataclass(frozen=True, slots=True)
class Words:
    """The action's words: ``verb`` and ``done`` start the sentence, ``button`` is on the button that approves it.

    ``join`` stands between amount and record: "Credit EUR 5.00 *on invoice* INV-1 for Ada Ltd".
    """

    verb: str
    done: str
    join: str
    button: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What a playbook allows its actions; amounts in minor units. ``charges_max`` counts attempts on one invoice."""

    credit_note_max: int
    reminders_max: int
    uncollectible_after_days: int
    charges_max: int = 4


@dataclass(frozen=True, slots=True)
class Inverse:
    """What undoes an executed action: another action on the same target, with its parameters."""

    action: str
    parameters: Mapping[str, Any]


class Action(Protocol):
    """An outside change that can be proposed. Stateless: one instance per process.

    ``guard_fields`` are the record's fields the proposal rests on: a difference in one makes it stale.
    ``cannot_undo`` says in a sentence why there is no inverse; None where :meth:`inverse` gives one.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    vendor: ClassVar[str]
    target_kind: ClassVar[str]
    parameters: ClassVar[type[msgspec.Struct]]
    guard_fields: ClassVar[tuple[str, ...]]
    words: ClassVar[Words]
    moves_money: ClassVar[bool]
    risk_points: ClassVar[int]
    cannot_undo: ClassVar[str | None]

    def amount(self, target: Target, parameters: Parameters) -> Money | None:
        """The money the sentence names."""

    def changes(self, target: Target, parameters: Parameters) -> Sequence[FieldChange]:
        """Every field that will differ afterwards."""

    def how(self, target: Target, parameters: Parameters) -> Sequence[tuple[str, str]]:
        """Label and text pairs that say how it is carried out and whether it can be undone."""

    def violations(self, target: Target, parameters: Parameters, limits: Limits) -> Sequence[str]:
        """Business rules (L2) that the draft breaks, each a sentence a model can act on; empty = allowed."""

    def names(self, parameters: Parameters) -> Mapping[str, str]:
        """The other records that parameters name: the parameter and the record's source id."""

    def mismatches(
        self, target: Target, parameters: Parameters, others: Mapping[str, Record]
    ) -> Sequence[str]:
        """Business rules (L2) between the target and the records it names, which are all in ``others``."""

    def inverse(self, parameters: Parameters, object_id: str) -> Inverse | None:
        """What undoes it once it was executed and the vendor has made or changed ``object_id``."""

    def request(self, target: Target, parameters: Parameters, effect_id: str) -> VendorRequest:
        """The vendor's call, marked with the effect where the call takes it."""

    async def read_back(
        self, adapter: Adapter, source_id: str, effect_id: str, dispatched_at: datetime
    ) -> Outcome | None:
        """What the effect has done, or None when the vendor knows nothing of it. Reads lists, never search."""


class Alone:
    """For actions whose parameters name no other record."""

    def names(self, parameters: Parameters) -> Mapping[str, str]:
        """None."""
        del parameters
        return {}

    def mismatches(
        self, target: Target, parameters: Parameters, others: Mapping[str, Record]
    ) -> Sequence[str]:
        """None."""
        del target, parameters, others
        return ()


class Final:
    """For actions that nothing undoes; ``cannot_undo`` says why."""

    def inverse(self, parameters: Parameters, object_id: str) -> None:
        """None."""
        del parameters, object_id
