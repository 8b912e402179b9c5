"""Takes an amount off an open invoice by a credit note."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, ClassVar, Literal

import msgspec

from backend.connectors.actions import Alone, FieldChange, Inverse, Limits, Words
from backend.connectors.base import Adapter, Outcome, VendorRequest
from backend.connectors.fields import MONEY
from backend.connectors.records import Invoice
from backend.connectors.stripe import form
from backend.connectors.stripe.actions.state_change import of_stripe
from backend.connectors.stripe.mapping import CREATE_MARK
from backend.core.money import Money


class CreditNoteParameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``amount`` in minor units of the invoice's currency; the customer reads ``memo``."""

    amount: Annotated[int, msgspec.Meta(gt=0, extra=MONEY)]
    reason: Literal["duplicate", "order_change", "product_unsatisfactory", "fraudulent"]
    memo: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class CreateCreditNote(Alone):
    """https://docs.stripe.com/api/credit_notes/create."""

    name: ClassVar[str] = "stripe.credit_note.create"
    label: ClassVar[str] = "Create a credit note"
    vendor: ClassVar[str] = "stripe"
    target_kind: ClassVar[str] = "invoice"
    parameters: ClassVar[type[msgspec.Struct]] = CreditNoteParameters
    guard_fields: ClassVar[tuple[str, ...]] = (
        "status",
        "currency",
        "total",
        "balance",
        "credited",
        "customer_source_id",
    )
    words: ClassVar[Words] = Words(
        verb="Credit", done="Credited", join="on invoice", button="Approve credit"
    )
    moves_money: ClassVar[bool] = True
    risk_points: ClassVar[int] = 30
    cannot_undo: ClassVar[str | None] = None

    def amount(self, target: Invoice, parameters: CreditNoteParameters) -> Money:
        """What is taken off."""
        return target.money(parameters.amount)

    def changes(self, target: Invoice, parameters: CreditNoteParameters) -> Sequence[FieldChange]:
        """The amounts, the new credit note, and the status when nothing is left to pay."""
        left = target.balance - parameters.amount
        credited = target.credited + parameters.amount
        changed = [
            _money_change(target, "balance", "Balance", target.balance, left),
            _money_change(target, "credited", "Credited", target.credited, credited),
            FieldChange("credit_note.reason", "Reason", "enum", None, parameters.reason),
            FieldChange(
                "credit_note.memo", "Memo of the credit note", "text", None, parameters.memo
            ),
        ]
        if left == 0:
            changed.append(FieldChange("status", "Status", "enum", target.status, "paid"))
        return changed

    def how(self, target: Invoice, parameters: CreditNoteParameters) -> Sequence[tuple[str, str]]:
        """On the open invoice, before payment: no money goes out."""
        del parameters
        return [
            (
                "How",
                f"Stripe issues a credit note on open invoice {target.number}; no money goes out",
            ),
            ("Customer", "Gets Stripe's mail with the credit note"),
            ("Undo", "By voiding the credit note, while the invoice is open"),
        ]

    def violations(
        self, target: Invoice, parameters: CreditNoteParameters, limits: Limits
    ) -> Sequence[str]:
        """Open, no more than what is left to pay, no more than the playbook allows."""
        broken = []
        if target.status != "open":
            broken.append(f"The invoice is {target.status}; only an open one can be credited here.")
        if parameters.amount > target.balance:
            left = target.money(target.balance).text()
            broken.append(f"Only {left} is left to pay; credit no more than that.")
        if parameters.amount > limits.credit_note_max:
            most = target.money(limits.credit_note_max).text()
            broken.append(f"The playbook allows credit notes up to {most}.")
        return broken

    def inverse(self, parameters: CreditNoteParameters, object_id: str) -> Inverse:
        """Voiding the credit note that was made."""
        given = {"credit_note": object_id, "amount": parameters.amount}
        return Inverse("stripe.credit_note.void", given)

    def request(
        self, target: Invoice, parameters: CreditNoteParameters, effect_id: str
    ) -> VendorRequest:
        """The new credit note bears the effect's id in its metadata."""
        body = form.encode(
            {
                "invoice": target.source_id,
                "amount": parameters.amount,
                "reason": parameters.reason,
                "memo": parameters.memo,
                "metadata": {CREATE_MARK: effect_id},
            }
        )
        return VendorRequest("POST", "/v1/credit_notes", body)

    async def read_back(
        self, adapter: Adapter, source_id: str, effect_id: str, dispatched_at: datetime
    ) -> Outcome | None:
        """The credit note of the invoice that bears the effect's id, whenever it was made."""
        del dispatched_at
        stripe = of_stripe(adapter)
        for note in await stripe.credit_notes(source_id):
            if (note.metadata or {}).get(CREATE_MARK) == effect_id:
                return Outcome(note.id, stripe.invoice_url(source_id))
        return None


def _money_change(target: Invoice, path: str, label: str, before: int, after: int) -> FieldChange:
    return FieldChange(path, label, "money", target.money(before), target.money(after))
