"""Takes a duplicate's details back out of a customer: the fields are empty again, as they were before the merge."""

from collections.abc import Sequence
from typing import ClassVar

from backend.connectors.actions import Alone, FieldChange, Final, Limits, Words
from backend.connectors.base import VendorRequest
from backend.connectors.likeness import link_to
from backend.connectors.records import Customer
from backend.connectors.stripe.actions.customer_details import (
    LABELS,
    LINKED,
    CustomerDetails,
    DetailsParameters,
    as_text,
    details,
    update,
)

_SENT_AS = {"email": "email", "phone": "phone", "billing_address": "address"}


class RestoreDetails(CustomerDetails, Alone, Final):
    """https://docs.stripe.com/api/customers/update. ``parameters`` are those of the merge."""

    name: ClassVar[str] = "stripe.customer.restore_details"
    label: ClassVar[str] = "Take merged details back"
    words: ClassVar[Words] = Words(
        verb="Take merged details back",
        done="Took merged details back",
        join="from customer",
        button="Approve restoring",
    )
    risk_points: ClassVar[int] = 15
    cannot_undo: ClassVar[str | None] = "merge the two customers anew instead"

    def changes(self, target: Customer, parameters: DetailsParameters) -> Sequence[FieldChange]:
        """The fields that are cleared, and the link."""
        cleared = [
            FieldChange(name, LABELS[name], "text", as_text(getattr(target, name)), None)
            for name in details(parameters)
        ]
        path, label = f"metadata.{link_to(parameters.duplicate)}", f"Link to {parameters.duplicate}"
        return [*cleared, FieldChange(path, label, "text", LINKED, None)]

    def how(self, target: Customer, parameters: DetailsParameters) -> Sequence[tuple[str, str]]:
        """Only what the merge has filled."""
        return [
            ("How", f"Stripe clears what was merged into customer {target.source_id}"),
            ("Duplicate", f"{parameters.duplicate} stays as it is and is linked no more"),
            ("Undo", "By merging the two customers anew"),
        ]

    def violations(
        self, target: Customer, parameters: DetailsParameters, limits: Limits
    ) -> Sequence[str]:
        """Every field still says what the merge has filled in."""
        del limits
        broken = [
            f"{LABELS[name]} is {as_text(getattr(target, name)) or 'empty'} by now, "
            f"not {as_text(value)} as it was merged."
            for name, value in details(parameters).items()
            if getattr(target, name) != value
        ]
        if link_to(parameters.duplicate) not in target.custom_fields:
            broken.append(f"{parameters.duplicate} is not linked with this customer.")
        return broken

    def request(
        self, target: Customer, parameters: DetailsParameters, effect_id: str
    ) -> VendorRequest:
        """An empty text clears a field at Stripe."""
        fields = {_SENT_AS[name]: "" for name in details(parameters)}
        return update(target, fields, {link_to(parameters.duplicate): ""}, effect_id)
