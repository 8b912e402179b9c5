"""Charges the customer's card again for an open invoice."""

from collections.abc import Sequence
from typing import ClassVar

import msgspec

from backend.connectors.actions import Alone, FieldChange, Final, Limits, Words
from backend.connectors.records import Invoice
from backend.connectors.stripe.actions.state_change import NoParameters, StateChange
from backend.connectors.stripe.receivable import open_dispute, open_promise
from backend.core.money import Money


class PayInvoice(StateChange, Alone, Final):
    """https://docs.stripe.com/api/invoices/pay. A card that is declined again is a refusal: no money has moved."""

    name: ClassVar[str] = "stripe.invoice.pay"
    label: ClassVar[str] = "Charge the card again"
    endpoint: ClassVar[str] = "pay"
    event: ClassVar[str] = "invoice.paid"
    parameters: ClassVar[type[msgspec.Struct]] = NoParameters
    guard_fields: ClassVar[tuple[str, ...]] = (
        "status",
        "currency",
        "balance",
        "customer_source_id",
        "payment_attempts",
    )
    words: ClassVar[Words] = Words(
        verb="Charge", done="Charged", join="on invoice", button="Approve charge"
    )
    moves_money: ClassVar[bool] = True
    risk_points: ClassVar[int] = 30
    cannot_undo: ClassVar[str | None] = "money that was taken can only be refunded"

    def amount(self, target: Invoice, parameters: NoParameters) -> Money:
        """All that is left to pay."""
        del parameters
        return target.money(target.balance)

    def changes(self, target: Invoice, parameters: NoParameters) -> Sequence[FieldChange]:
        """Paid in full, if the card takes it."""
        del parameters
        return [
            FieldChange(
                "balance", "Balance", "money", target.money(target.balance), target.money(0)
            ),
            FieldChange("status", "Status", "enum", target.status, "paid"),
        ]

    def how(self, target: Invoice, parameters: NoParameters) -> Sequence[tuple[str, str]]:
        """The card that the customer has left with Stripe."""
        del parameters
        return [
            ("How", f"Stripe charges the default card of {target.customer_name}"),
            ("If declined", "Nothing changes but the count of attempts"),
            ("Undo", "Not possible: money that was taken can only be refunded"),
        ]

    def violations(
        self, target: Invoice, parameters: NoParameters, limits: Limits
    ) -> Sequence[str]:
        """Open, something to pay, declined before but not too often, nothing promised, nothing disputed."""
        del parameters
        broken = []
        if target.status != "open":
            broken.append(f"The invoice is {target.status}; only an open one can be charged.")
        if target.balance <= 0:
            broken.append("Nothing is left to pay on the invoice.")
        if target.payment_attempts == 0:
            broken.append("The card was not charged for it before; there is nothing to try again.")
        if target.payment_attempts >= limits.charges_max:
            broken.append(
                f"The card was charged {target.payment_attempts} times; "
                f"the playbook allows {limits.charges_max}."
            )
        if promise := open_promise(target):
            broken.append(f"The customer has promised to pay on {promise}; wait for it.")
        if disputed := open_dispute(target):
            amount = target.money(disputed).text()
            broken.append(f"The customer disputes {amount} of it; settle that first.")
        return broken
