"""Fills what a customer lacks from its duplicate, and links the two."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import msgspec

from backend.connectors.actions import FieldChange, Inverse, Limits, Words
from backend.connectors.base import VendorRequest
from backend.connectors.likeness import likeness, link_to
from backend.connectors.records import Customer, Record
from backend.connectors.stripe.actions.customer_details import (
    LABELS,
    LINKED,
    CustomerDetails,
    DetailsParameters,
    as_text,
    details,
    update,
)


class MergeDetails(CustomerDetails):
    """https://docs.stripe.com/api/customers/update. Nothing that the customer has is overwritten."""

    name: ClassVar[str] = "stripe.customer.merge_details"
    label: ClassVar[str] = "Merge a duplicate's details"
    words: ClassVar[Words] = Words(
        verb="Merge a duplicate's details",
        done="Merged a duplicate's details",
        join="into customer",
        button="Approve merge",
    )
    risk_points: ClassVar[int] = 15
    cannot_undo: ClassVar[str | None] = None

    def changes(self, target: Customer, parameters: DetailsParameters) -> Sequence[FieldChange]:
        """The fields that are filled, and the link."""
        filled = [
            FieldChange(name, LABELS[name], "text", as_text(getattr(target, name)), as_text(value))
            for name, value in details(parameters).items()
        ]
        path, label = f"metadata.{link_to(parameters.duplicate)}", f"Link to {parameters.duplicate}"
        return [*filled, FieldChange(path, label, "text", None, LINKED)]

    def how(self, target: Customer, parameters: DetailsParameters) -> Sequence[tuple[str, str]]:
        """Both customers stay."""
        return [
            (
                "How",
                f"Stripe updates customer {target.source_id}; only fields that are empty are filled",
            ),
            ("Duplicate", f"{parameters.duplicate} stays as it is, with its invoices"),
            ("Undo", "By clearing the fields that were filled and the link"),
        ]

    def violations(
        self, target: Customer, parameters: DetailsParameters, limits: Limits
    ) -> Sequence[str]:
        """Another customer is named, it is not linked yet, and only what is empty is filled."""
        del limits
        broken = []
        if parameters.duplicate == target.source_id:
            broken.append("A customer cannot be the duplicate of itself; name the other one.")
        if link_to(parameters.duplicate) in target.custom_fields:
            broken.append(f"{parameters.duplicate} is linked with this customer already.")
        broken.extend(
            f"The customer has {LABELS[name].lower()} {as_text(getattr(target, name))}; "
            "only what is empty may be filled."
            for name in details(parameters)
            if getattr(target, name)
        )
        return broken

    def names(self, parameters: DetailsParameters) -> Mapping[str, str]:
        """The duplicate."""
        return {"duplicate": parameters.duplicate}

    def mismatches(
        self, target: Customer, parameters: DetailsParameters, others: Mapping[str, Record]
    ) -> Sequence[str]:
        """The two are likely one customer, and every detail is the duplicate's own."""
        other = others[parameters.duplicate]
        if not isinstance(other, Customer):
            return ["duplicate names an invoice; name the other customer."]
        broken = [
            f"{LABELS[name]} {as_text(value)} is not what {other.source_id} has."
            for name, value in details(parameters).items()
            if getattr(other, name) != value
        ]
        like = likeness(target, other)
        if not like.is_duplicate:
            why = "; ".join(like.against) or f"they share too little ({like.score} of 100 points)"
            broken.append(f"{other.source_id} is no likely duplicate: {why}.")
        return broken

    def inverse(self, parameters: DetailsParameters, object_id: str) -> Inverse:
        """Clearing what was filled, which was empty before."""
        del object_id
        given = msgspec.to_builtins(parameters)
        return Inverse("stripe.customer.restore_details", given)

    def request(
        self, target: Customer, parameters: DetailsParameters, effect_id: str
    ) -> VendorRequest:
        """The duplicate's details and the link."""
        address = parameters.billing_address
        fields = {
            "email": parameters.email,
            "phone": parameters.phone,
            "address": msgspec.structs.asdict(address) if address else None,
        }
        return update(target, fields, {link_to(parameters.duplicate): LINKED}, effect_id)
