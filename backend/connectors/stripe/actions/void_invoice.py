"""Voids an invoice that was issued twice."""

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

import msgspec

from backend.connectors.actions import FieldChange, Final, Limits, Words
from backend.connectors.records import Invoice, Record
from backend.connectors.stripe.actions.state_change import StateChange
from backend.core.money import Money


class VoidParameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``duplicate_of``: number or source id of the invoice that stays."""

    duplicate_of: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]


class VoidInvoice(StateChange, Final):
    """https://docs.stripe.com/api/invoices/void."""

    name: ClassVar[str] = "stripe.invoice.void"
    label: ClassVar[str] = "Void a duplicate invoice"
    endpoint: ClassVar[str] = "void"
    event: ClassVar[str] = "invoice.voided"
    parameters: ClassVar[type[msgspec.Struct]] = VoidParameters
    guard_fields: ClassVar[tuple[str, ...]] = (
        "status",
        "currency",
        "total",
        "balance",
        "credited",
        "customer_source_id",
    )
    words: ClassVar[Words] = Words(
        verb="Void", done="Voided", join="of invoice", button="Approve voiding"
    )
    moves_money: ClassVar[bool] = True
    risk_points: ClassVar[int] = 40
    cannot_undo: ClassVar[str | None] = "a void invoice stays void"

    def amount(self, target: Invoice, parameters: VoidParameters) -> Money:
        """What is no longer owed."""
        del parameters
        return target.money(target.balance)

    def changes(self, target: Invoice, parameters: VoidParameters) -> Sequence[FieldChange]:
        """The status; the amounts stay readable."""
        del parameters
        return [FieldChange("status", "Status", "enum", target.status, "void")]

    def how(self, target: Invoice, parameters: VoidParameters) -> Sequence[tuple[str, str]]:
        """Final at Stripe."""
        return [
            (
                "How",
                f"Stripe voids invoice {target.number}, a duplicate of {parameters.duplicate_of}",
            ),
            ("Undo", "Not possible: a void invoice stays void"),
        ]

    def violations(
        self, target: Invoice, parameters: VoidParameters, limits: Limits
    ) -> Sequence[str]:
        """What the target alone can break."""
        del limits
        broken = []
        if target.status != "open":
            broken.append(f"The invoice is {target.status}; only an open one can be voided here.")
        if target.credited:
            broken.append(
                "A credit note has been issued on it; it cannot be voided as a duplicate."
            )
        if target.balance + target.credited != target.total:
            broken.append("A part of it has been paid; it cannot be voided as a duplicate.")
        if parameters.duplicate_of in (target.number, target.source_id):
            broken.append("An invoice cannot be the duplicate of itself; name the other one.")
        return broken

    def names(self, parameters: VoidParameters) -> Mapping[str, str]:
        """The invoice that stays."""
        return {"duplicate_of": parameters.duplicate_of}

    def mismatches(
        self, target: Invoice, parameters: VoidParameters, others: Mapping[str, Record]
    ) -> Sequence[str]:
        """The same currency and total, not void itself, and the earlier of the two."""
        original = others[parameters.duplicate_of]
        if not isinstance(original, Invoice):
            return ["duplicate_of names a customer; name the invoice that stays."]
        broken = []
        if (target.currency, target.total) != (original.currency, original.total):
            broken.append(
                f"{original.number} has another total, so {target.number} is not its duplicate"
            )
        if original.status == "void":
            broken.append(
                f"{original.number} is void itself; then {target.number} is the only one left"
            )
        if original.created_at > target.created_at:
            broken.append(f"{original.number} is the later one; void the later of the two")
        return broken
