"""What the calls that move an invoice without a body have in common: the request, and finding it again."""

from datetime import datetime
from typing import ClassVar

import msgspec

from backend.connectors.base import Adapter, Outcome, VendorRequest
from backend.connectors.records import Invoice
from backend.connectors.stripe.adapter import StripeAdapter


class NoParameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The target says it all."""


class StateChange:
    """``POST /v1/invoices/{id}/{endpoint}``. It takes no metadata: the event of type ``event`` bears our key."""

    vendor: ClassVar[str] = "stripe"
    target_kind: ClassVar[str] = "invoice"
    endpoint: ClassVar[str]
    event: ClassVar[str]

    def request(self, target: Invoice, parameters: msgspec.Struct, effect_id: str) -> VendorRequest:
        """The call; parameters and mark have no place in it."""
        del parameters, effect_id
        return VendorRequest("POST", f"/v1/invoices/{target.source_id}/{self.endpoint}", "")

    async def read_back(
        self, adapter: Adapter, source_id: str, effect_id: str, dispatched_at: datetime
    ) -> Outcome | None:
        """The invoice, if an event tells that our request moved it."""
        stripe = of_stripe(adapter)
        subject = await stripe.subject_of_event(self.event, effect_id, dispatched_at)
        return Outcome(subject, stripe.invoice_url(subject)) if subject == source_id else None


def of_stripe(adapter: Adapter) -> StripeAdapter:
    """The adapter as Stripe's; any other is a mistake of ours."""
    if not isinstance(adapter, StripeAdapter):
        raise TypeError(f"an action on Stripe was given the adapter of {adapter.vendor}")
    return adapter
