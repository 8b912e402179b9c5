"""Stripe's mail that asks for payment of an open invoice."""

from collections.abc import Sequence
from typing import ClassVar

import msgspec

from backend.connectors.actions import Alone, FieldChange, Final, Limits, Words
from backend.connectors.records import Invoice
from backend.connectors.stripe.actions.state_change import NoParameters, StateChange
from backend.connectors.stripe.receivable import (
    days_overdue,
    open_dispute,
    open_promise,
    reminders_sent,
)
from backend.core.money import Money


class SendReminder(StateChange, Alone, Final):
    """https://docs.stripe.com/api/invoices/send."""

    name: ClassVar[str] = "stripe.invoice.send_reminder"
    label: ClassVar[str] = "Send a payment reminder"
    endpoint: ClassVar[str] = "send"
    event: ClassVar[str] = "invoice.sent"
    parameters: ClassVar[type[msgspec.Struct]] = NoParameters
    guard_fields: ClassVar[tuple[str, ...]] = (
        "status",
        "currency",
        "balance",
        "due_date",
        "customer_source_id",
    )
    words: ClassVar[Words] = Words(
        verb="Send a payment reminder for",
        done="Sent a payment reminder for",
        join="on invoice",
        button="Approve reminder",
    )
    moves_money: ClassVar[bool] = False
    risk_points: ClassVar[int] = 10
    cannot_undo: ClassVar[str | None] = "a mail cannot be called back"

    def amount(self, target: Invoice, parameters: NoParameters) -> Money:
        """What is still to be paid."""
        del parameters
        return target.money(target.balance)

    def changes(self, target: Invoice, parameters: NoParameters) -> Sequence[FieldChange]:
        """Only that a mail has gone out: no field of the invoice differs afterwards."""
        del target, parameters
        return [FieldChange("reminder", "Payment reminder", "enum", "not sent", "sent")]

    def how(self, target: Invoice, parameters: NoParameters) -> Sequence[tuple[str, str]]:
        """A mail, which nobody can call back."""
        del parameters
        return [
            ("How", f"Stripe mails invoice {target.number} to {target.customer_name} again"),
            ("Undo", "Not possible: a mail cannot be called back"),
        ]

    def violations(
        self, target: Invoice, parameters: NoParameters, limits: Limits
    ) -> Sequence[str]:
        """Open, something to pay, overdue or declined, not reminded too often, nothing promised or disputed."""
        del parameters
        broken = []
        if target.status != "open":
            broken.append(f"The invoice is {target.status}; only an open one can be reminded of.")
        if target.balance <= 0:
            broken.append("Nothing is left to pay on the invoice.")
        if days_overdue(target) == 0 and target.payment_attempts == 0:
            broken.append("The invoice is not overdue, and no card was declined for it.")
        if (sent := reminders_sent(target)) >= limits.reminders_max:
            broken.append(
                f"{sent} reminders were sent; the playbook allows {limits.reminders_max}."
            )
        if promise := open_promise(target):
            broken.append(f"The customer has promised to pay on {promise}; wait for it.")
        if disputed := open_dispute(target):
            amount = target.money(disputed).text()
            broken.append(f"The customer disputes {amount} of it; settle that first.")
        return broken
