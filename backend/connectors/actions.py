"""What an action is: one class per thing an agent may propose, in ``{vendor}/actions/``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypeAlias

import msgspec

from backend.connectors.base import Adapter, Outcome, VendorRequest
from backend.connectors.records import Invoice
from backend.core.money import Money

# An instance of the action's own ``parameters``; whoever calls has decoded it with that class.
Parameters: TypeAlias = Any


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
    """What a playbook allows its actions; amounts in minor units."""

    credit_note_max: int
    reminders_max: int
    uncollectible_after_days: int


class Action(Protocol):
    """An outside change that can be proposed. Stateless: one instance per process.

    ``guard_fields`` are the record's fields the proposal rests on: a difference in one makes it stale.
    ``inverse`` names the act that undoes it, whether or not that can be proposed here; None: cannot be undone.
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
    inverse: ClassVar[str | None]

    def amount(self, target: Invoice, parameters: Parameters) -> Money | None:
        """The money the sentence names."""

    def changes(self, target: Invoice, parameters: Parameters) -> Sequence[FieldChange]:
        """Every field that will differ afterwards."""

    def how(self, target: Invoice, parameters: Parameters) -> Sequence[tuple[str, str]]:
        """Label and text pairs that say how it is carried out and whether it can be undone."""

    def violations(self, target: Invoice, parameters: Parameters, limits: Limits) -> Sequence[str]:
        """Business rules (L2) that the draft breaks, each a sentence a model can act on; empty = allowed."""

    def request(self, target: Invoice, parameters: Parameters, effect_id: str) -> VendorRequest:
        """The vendor's call, marked with the effect where the call takes it."""

    async def read_back(
        self, adapter: Adapter, source_id: str, effect_id: str, dispatched_at: datetime
    ) -> Outcome | None:
        """What the effect has done, or None when the vendor knows nothing of it. Reads lists, never search."""
