"""Voids a credit note that was issued on an invoice which is still open."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, ClassVar
from urllib.parse import quote

import msgspec

from backend.connectors.actions import Alone, FieldChange, Final, Limits, Words
from backend.connectors.base import Adapter, Outcome, VendorRequest
from backend.connectors.records import Invoice
from backend.connectors.stripe.actions.state_change import of_stripe
from backend.core.money import Money


class VoidCreditNoteParameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The credit note's id at the source, and its amount in minor units of the invoice's currency."""

    credit_note: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    amount: Annotated[int, msgspec.Meta(gt=0)]


class VoidCreditNote(Alone, Final):
    """https://docs.stripe.com/api/credit_notes/void."""

    name: ClassVar[str] = "stripe.credit_note.void"
    label: ClassVar[str] = "Void a credit note"
    vendor: ClassVar[str] = "stripe"
    target_kind: ClassVar[str] = Invoice.kind
    parameters: ClassVar[type[msgspec.Struct]] = VoidCreditNoteParameters
    guard_fields: ClassVar[tuple[str, ...]] = (
        "status",
        "currency",
        "total",
        "balance",
        "credited",
        "customer_source_id",
    )
    words: ClassVar[Words] = Words(
        verb="Void the credit note of",
        done="Voided the credit note of",
        join="on invoice",
        button="Approve voiding",
    )
    moves_money: ClassVar[bool] = True
    risk_points: ClassVar[int] = 30
    cannot_undo: ClassVar[str | None] = "a void credit note stays void; credit the amount anew"

    def amount(self, target: Invoice, parameters: VoidCreditNoteParameters) -> Money:
        """What the invoice asks for again."""
        return target.money(parameters.amount)

    def changes(
        self, target: Invoice, parameters: VoidCreditNoteParameters
    ) -> Sequence[FieldChange]:
        """The amounts, and the credit note's status."""
        balance, credited = target.balance, target.credited
        return [
            _money_change(target, "balance", "Balance", balance, balance + parameters.amount),
            _money_change(target, "credited", "Credited", credited, credited - parameters.amount),
            FieldChange(
                "credit_note.status", "Status of the credit note", "enum", "issued", "void"
            ),
        ]

    def how(
        self, target: Invoice, parameters: VoidCreditNoteParameters
    ) -> Sequence[tuple[str, str]]:
        """The invoice asks for the whole amount again."""
        return [
            (
                "How",
                f"Stripe voids credit note {parameters.credit_note} on open invoice {target.number}",
            ),
            ("Undo", "Not possible: a void credit note stays void; credit the amount anew"),
        ]

    def violations(
        self, target: Invoice, parameters: VoidCreditNoteParameters, limits: Limits
    ) -> Sequence[str]:
        """Only while the invoice is open, and no more than was credited on it."""
        del limits
        broken = []
        if target.status != "open":
            broken.append(
                f"The invoice is {target.status}; Stripe voids credit notes of open ones only."
            )
        if parameters.amount > target.credited:
            credited = target.money(target.credited).text()
            broken.append(f"Only {credited} is credited on the invoice.")
        return broken

    def request(
        self, target: Invoice, parameters: VoidCreditNoteParameters, effect_id: str
    ) -> VendorRequest:
        """The call takes no metadata: its event bears our key."""
        del target, effect_id
        note = quote(parameters.credit_note, safe="")
        return VendorRequest("POST", f"/v1/credit_notes/{note}/void", "")

    async def read_back(
        self, adapter: Adapter, source_id: str, effect_id: str, dispatched_at: datetime
    ) -> Outcome | None:
        """The credit note, if an event tells that our request voided it."""
        stripe = of_stripe(adapter)
        note = await stripe.subject_of_event("credit_note.voided", effect_id, dispatched_at)
        return Outcome(note, stripe.invoice_url(source_id)) if note else None


def _money_change(target: Invoice, path: str, label: str, before: int, after: int) -> FieldChange:
    return FieldChange(path, label, "money", target.money(before), target.money(after))
