"""Writes an invoice off as bad debt."""

from collections.abc import Sequence
from typing import ClassVar

import msgspec

from backend.connectors.actions import Alone, FieldChange, Final, Limits, Words
from backend.connectors.records import Invoice
from backend.connectors.stripe.actions.state_change import NoParameters, StateChange
from backend.connectors.stripe.receivable import days_overdue, open_promise, reminders_sent
from backend.core.money import Money


class MarkUncollectible(StateChange, Alone, Final):
    """https://docs.stripe.com/api/invoices/mark_uncollectible."""

    name: ClassVar[str] = "stripe.invoice.mark_uncollectible"
    label: ClassVar[str] = "Write off an invoice"
    endpoint: ClassVar[str] = "mark_uncollectible"
    event: ClassVar[str] = "invoice.marked_uncollectible"
    parameters: ClassVar[type[msgspec.Struct]] = NoParameters
    guard_fields: ClassVar[tuple[str, ...]] = (
        "status",
        "currency",
        "balance",
        "due_date",
        "customer_source_id",
    )
    words: ClassVar[Words] = Words(
        verb="Write off", done="Wrote off", join="on invoice", button="Approve write-off"
    )
    moves_money: ClassVar[bool] = True
    risk_points: ClassVar[int] = 35
    cannot_undo: ClassVar[str | None] = (
        "an invoice that was written off does not become open again; it can still be paid or voided"
    )

    def amount(self, target: Invoice, parameters: NoParameters) -> Money:
        """What will not be collected."""
        del parameters
        return target.money(target.balance)

    def changes(self, target: Invoice, parameters: NoParameters) -> Sequence[FieldChange]:
        """The status; the amounts stay."""
        del parameters
        return [FieldChange("status", "Status", "enum", target.status, "uncollectible")]

    def how(self, target: Invoice, parameters: NoParameters) -> Sequence[tuple[str, str]]:
        """The claim stays, but nobody asks for it any more."""
        del parameters
        return [
            ("How", f"Stripe marks invoice {target.number} as uncollectible"),
            ("Undo", "Not back to open; it can still be paid or voided"),
        ]

    def violations(
        self, target: Invoice, parameters: NoParameters, limits: Limits
    ) -> Sequence[str]:
        """Open, something to pay, overdue for long enough, reminded often enough, nothing promised."""
        del parameters
        broken = []
        if target.status != "open":
            broken.append(f"The invoice is {target.status}; only an open one can be written off.")
        if target.balance <= 0:
            broken.append("Nothing is left to pay on the invoice.")
        if (days := days_overdue(target)) <= limits.uncollectible_after_days:
            broken.append(
                f"It is {days} days overdue; "
                f"the playbook asks for more than {limits.uncollectible_after_days}."
            )
        if (sent := reminders_sent(target)) < limits.reminders_max:
            broken.append(
                f"{sent} reminders were sent; the playbook asks for {limits.reminders_max} first."
            )
        if promise := open_promise(target):
            broken.append(f"The customer has promised to pay on {promise}; wait for it.")
        return broken
