"""How a run of a playbook finds what to look at: one source per kind of candidate, with the inputs that narrow it."""

from asyncio import to_thread
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors import repository as records
from backend.connectors.likeness import are_linked, pairs
from backend.connectors.records import Customer, Invoice
from backend.connectors.repository import KeptCustomer
from backend.core.clock import now
from backend.core.errors import InvalidInputError
from backend.core.ids import ConnectionId, RecordId

Inputs = Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One record for an agent to look at; ``target_id`` is what it may change, where that is another record."""

    kind: str
    subject_id: RecordId
    target_id: RecordId | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where candidates come from. ``takes`` names its inputs with what holds when they are left out.

    ``find`` may be narrowed to what concerns one record. ``finding`` follows their number, as in "Found 3 invoices
    *overdue*".
    """

    one: str
    many: str
    finding: str
    takes: Inputs
    find: Callable[[AsyncSession, Inputs, RecordId | None], Awaitable[Sequence[Candidate]]]

    def count(self, number: int) -> str:
        """So many of them in words."""
        return f"1 {self.one}" if number == 1 else f"{number} {self.many}"

    def accept(self, given: Inputs) -> dict[str, int | None]:
        """The inputs of a run, complete. Raises :class:`InvalidInputError` for one that it does not take."""
        for name, value in given.items():
            shown = camel(name)
            if name not in self.takes:
                known = ", ".join(map(camel, self.takes))
                raise InvalidInputError(
                    f"this playbook takes no {shown}; it takes {known}", field=f"inputs.{shown}"
                )
            if value is not None and value < 1:
                raise InvalidInputError(f"{shown} must be at least 1", field=f"inputs.{shown}")
        return {**self.takes, **given}


async def _overdue(
    session: AsyncSession, inputs: Inputs, only: RecordId | None
) -> Sequence[Candidate]:
    found = await records.overdue_invoices(
        session,
        now().date(),
        min_days=inputs.get("min_days_overdue") or 1,
        limit=inputs.get("max_invoices"),
        only=only,
    )
    return [Candidate(Invoice.kind, one.id) for one in found]


async def _failed(
    session: AsyncSession, inputs: Inputs, only: RecordId | None
) -> Sequence[Candidate]:
    found = await records.invoices_with_attempts(
        session, limit=inputs.get("max_invoices"), only=only
    )
    return [Candidate(Invoice.kind, one.id) for one in found]


async def _doubles(
    session: AsyncSession, inputs: Inputs, only: RecordId | None
) -> Sequence[Candidate]:
    """The likest pairs; each customer is the duplicate of one other at most, and none of a duplicate."""
    by_connection: dict[ConnectionId, list[KeptCustomer]] = defaultdict(list)
    for kept in await records.customers(session):
        by_connection[kept.connection_id].append(kept)
    paid = await records.paid_invoices(session)
    found: list[Candidate] = []
    for kept_here in by_connection.values():
        by_source = {kept.customer.source_id: kept for kept in kept_here}
        duplicates: set[RecordId] = set()
        # Comparing thousands of names takes a while: not on the event loop.
        alike = await to_thread(pairs, [kept.customer for kept in kept_here])
        for one, other, _ in alike:
            both = by_source[one.source_id], by_source[other.source_id]
            survivor, duplicate = sorted(both, key=lambda kept: _standing(kept, paid))
            if duplicates & {survivor.id, duplicate.id} or are_linked(one, other):
                continue
            duplicates.add(duplicate.id)
            if only not in (None, survivor.id, duplicate.id):
                continue
            found.append(Candidate(Customer.kind, duplicate.id, survivor.id))
    return found[: inputs.get("max_pairs")]


def _standing(kept: KeptCustomer, paid: Mapping[UUID, int]) -> tuple[bool, object, str]:
    """Who has paid before comes first, then who is older."""
    customer = kept.customer
    return not paid.get(kept.id), customer.created_at, customer.source_id


def camel(name: str) -> str:
    """How an input is called on the wire."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


SOURCES: dict[str, Source] = {
    "overdue_invoices": Source(
        "invoice",
        "invoices",
        "overdue",
        {"min_days_overdue": 1, "max_invoices": None},
        _overdue,
    ),
    "duplicate_customers": Source(
        "pair of customers",
        "pairs of customers",
        "that look alike",
        {"max_pairs": None},
        _doubles,
    ),
    "failed_payments": Source(
        "invoice",
        "invoices",
        "with a failed payment",
        {"max_invoices": None},
        _failed,
    ),
}
