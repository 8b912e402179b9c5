"""What merging a duplicate's details into a customer and taking them back have in common."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, ClassVar

import msgspec

from backend.connectors.base import Adapter, Outcome, UpstreamNotFoundError, VendorRequest
from backend.connectors.records import Address, Customer
from backend.connectors.stripe import form
from backend.connectors.stripe.actions.state_change import of_stripe
from backend.connectors.stripe.mapping import UPDATE_MARK
from backend.core.money import Money

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
LINKED = "linked"
LABELS = {"email": "E-mail", "phone": "Phone", "billing_address": "Billing address"}


class AddressParameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A billing address, part by part."""

    line1: Text | None = None
    line2: Text | None = None
    postal_code: Text | None = None
    city: Text | None = None
    state: Text | None = None
    country: Text | None = None

    def address(self) -> Address:
        """As the record has it."""
        return Address(**msgspec.structs.asdict(self))


class DetailsParameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The duplicate's id at the source, and those of its details that the surviving customer lacks."""

    duplicate: Text
    email: Text | None = None
    phone: Text | None = None
    billing_address: AddressParameters | None = None


class CustomerDetails:
    """``POST /v1/customers/{id}``. The customer bears the effect's id in its metadata."""

    vendor: ClassVar[str] = "stripe"
    target_kind: ClassVar[str] = Customer.kind
    parameters: ClassVar[type[msgspec.Struct]] = DetailsParameters
    guard_fields: ClassVar[tuple[str, ...]] = (
        "name",
        "email",
        "phone",
        "billing_address",
        "tax_ids",
    )
    moves_money: ClassVar[bool] = False

    def amount(self, target: Customer, parameters: DetailsParameters) -> Money | None:
        """No money is named."""
        del target, parameters
        return None

    async def read_back(
        self, adapter: Adapter, source_id: str, effect_id: str, dispatched_at: datetime
    ) -> Outcome | None:
        """The customer, if it bears the effect's id."""
        del dispatched_at
        stripe = of_stripe(adapter)
        try:
            found = await stripe.customer(source_id)
        except UpstreamNotFoundError:
            return None
        if UPDATE_MARK + effect_id not in (found.raw.get("metadata") or {}):
            return None
        return Outcome(source_id, stripe.customer_url(source_id))


def details(parameters: DetailsParameters) -> dict[str, str | Address]:
    """What the parameters say of each field of a customer, as the record has it."""
    address = parameters.billing_address
    given = {
        "email": parameters.email,
        "phone": parameters.phone,
        "billing_address": address.address() if address else None,
    }
    return {name: value for name, value in given.items() if value is not None}


def as_text(value: str | Address | None) -> str | None:
    """A detail in one line."""
    return value.text() if isinstance(value, Address) else value


def update(
    target: Customer, fields: Mapping[str, form.Value], metadata: Mapping[str, str], effect_id: str
) -> VendorRequest:
    """The call that sets these fields and custom fields; an empty text clears one."""
    body = form.encode({**fields, "metadata": {**metadata, UPDATE_MARK + effect_id: "1"}})
    return VendorRequest("POST", f"/v1/customers/{target.source_id}", body)
